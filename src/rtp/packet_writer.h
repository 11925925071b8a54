#pragma once
#include <cstdint>

#include "base/bytes.h"
#include "rtp/types.h"

namespace footlight::rtp {

struct Header {
  bool marker = false;
  PayloadType payload_type{};
  SeqNum seq{};
  RtpTime time{};
  Ssrc ssrc{};
};

inline constexpr size_t kMaxOneByteExtension = 16;  // RFC 8285 §4.2

enum class ExtensionForm { kOneByte, kTwoByte };  // RFC 8285 §4.2, §4.3

// Writes an RTP header with header extensions into a caller's buffer: header, add…, finish.
// Lives on the stack of the call that sends; no allocation. finish() gives 0 when the buffer was too small.
class HeaderWriter {
 public:
  HeaderWriter(MutableByteView out, const Header& header, ExtensionForm form = ExtensionForm::kOneByte);
  // One-byte form: id 1..14, data 1..16 bytes; two-byte form: id 1..255, data up to 255 bytes. False where the element
  // cannot be written: nothing is written then.
  bool add_extension(uint8_t id, ByteView data);
  // Pads the extension block to 32 bits and closes it. The header's size, and so where the payload begins.
  [[nodiscard]] size_t finish();

 private:
  MutableByteView out_;
  size_t at_ = 0;  // 0: the fixed header did not fit
  ExtensionForm form_;
};

// Header and payload as one packet. Its size; 0 when `out` is too small.
[[nodiscard]] size_t write_packet(MutableByteView out, const Header& header, ByteView payload);

// Rewrite in place: `packet` is one that PacketView::parse took.
void set_marker(MutableByteView packet, bool marker);
void set_payload_type(MutableByteView packet, PayloadType payload_type);
void set_seq(MutableByteView packet, SeqNum seq);
void set_time(MutableByteView packet, RtpTime time);
void set_ssrc(MutableByteView packet, Ssrc ssrc);

}  // namespace footlight::rtp
