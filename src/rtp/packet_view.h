#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "rtp/types.h"

namespace footlight::rtp {

inline constexpr size_t kFixedHeaderSize = 12;  // RFC 3550 §5.1
inline constexpr uint8_t kVersion = 2;

enum class PacketError { kTooShort, kBadVersion, kCsrcPastEnd, kExtensionPastEnd, kBadPadding };

// One header extension as it lies in a packet (RFC 8285). `data` may be empty in the two-byte form.
struct ExtensionElement {
  uint8_t id = 0;
  ByteView data;
};

// Walks an extension block of the one-byte (§4.2) or the two-byte form (§4.3); a block of any other profile is empty.
// Stops at the first element that does not fit: what came before it stays good.
class ExtensionReader {
 public:
  ExtensionReader(uint16_t profile, ByteView block);
  [[nodiscard]] bool next(ExtensionElement& out);

 private:
  [[nodiscard]] bool next_one_byte(ExtensionElement& out);
  [[nodiscard]] bool next_two_byte(ExtensionElement& out);

  enum class Form { kNone, kOneByte, kTwoByte } form_;
  ByteReader reader_;
};

// A checked look at one RTP packet. It owns nothing and dies with the bytes it was parsed from.
// Any thread; bytes in, fields out; parse fails with a reason and never reads past the end.
class PacketView {
 public:
  [[nodiscard]] static Result<PacketView, PacketError> parse(ByteView bytes);

  [[nodiscard]] bool marker() const { return bytes_[1] >> 7; }
  [[nodiscard]] PayloadType payload_type() const { return PayloadType(bytes_[1] & 0x7f); }
  [[nodiscard]] SeqNum seq() const;
  [[nodiscard]] RtpTime time() const;
  [[nodiscard]] Ssrc ssrc() const;
  [[nodiscard]] size_t csrc_count() const { return bytes_[0] & 0x0f; }
  [[nodiscard]] Ssrc csrc(size_t i) const;  // i < csrc_count()

  [[nodiscard]] ExtensionReader extensions() const { return {extension_profile_, extension_block_}; }
  [[nodiscard]] std::optional<ByteView> extension(uint8_t id) const;

  [[nodiscard]] ByteView bytes() const { return bytes_; }
  [[nodiscard]] size_t header_size() const { return header_size_; }  // fixed header, CSRC and extension block
  [[nodiscard]] ByteView payload() const { return payload_; }        // without padding; empty: a padding-only packet
  [[nodiscard]] size_t padding_size() const { return bytes_.size() - header_size_ - payload_.size(); }

 private:
  PacketView() = default;
  ByteView bytes_;
  ByteView extension_block_;
  ByteView payload_;
  size_t header_size_ = 0;
  uint16_t extension_profile_ = 0;
};

}  // namespace footlight::rtp
