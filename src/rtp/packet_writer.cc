#include "rtp/packet_writer.h"

#include <cstring>

#include "rtp/packet_view.h"

namespace footlight::rtp {
namespace {

constexpr uint16_t kOneByteProfile = 0xbede;  // RFC 8285 §4.2
constexpr uint16_t kTwoByteProfile = 0x1000;  // §4.3, appbits 0
constexpr size_t kExtensionHeaderSize = 4;
constexpr uint8_t kExtensionBit = 0x10;

void put_u16(MutableByteView out, size_t at, uint16_t v) {
  out[at] = static_cast<uint8_t>(v >> 8);
  out[at + 1] = static_cast<uint8_t>(v);
}
void put_u32(MutableByteView out, size_t at, uint32_t v) {
  put_u16(out, at, static_cast<uint16_t>(v >> 16));
  put_u16(out, at + 2, static_cast<uint16_t>(v));
}

}  // namespace

HeaderWriter::HeaderWriter(MutableByteView out, const Header& header, ExtensionForm form) : out_(out), form_(form) {
  if (out.size() < kFixedHeaderSize) return;
  out_[0] = kVersion << 6;
  out_[1] = header.payload_type.value() & 0x7f;
  set_marker(out_, header.marker);
  set_seq(out_, header.seq);
  set_time(out_, header.time);
  set_ssrc(out_, header.ssrc);
  at_ = kFixedHeaderSize;
}

bool HeaderWriter::add_extension(uint8_t id, ByteView data) {
  constexpr size_t kMaxOneByteId = 14;
  constexpr size_t kMaxTwoByteExtension = 255;
  const bool one_byte = form_ == ExtensionForm::kOneByte;
  if (at_ == 0 || id < 1 || data.empty()) return false;
  if (one_byte ? id > kMaxOneByteId || data.size() > kMaxOneByteExtension : data.size() > kMaxTwoByteExtension)
    return false;
  bool first = !(out_[0] & kExtensionBit);
  size_t element = at_ + (first ? kExtensionHeaderSize : 0);
  size_t value = element + (one_byte ? 1 : 2);
  size_t end = value + data.size();
  if ((end + 3) / 4 * 4 > out_.size()) return false;  // finish() pads to 32 bits
  if (first) {
    out_[0] |= kExtensionBit;
    put_u16(out_, at_, one_byte ? kOneByteProfile : kTwoByteProfile);
  }
  if (one_byte)
    out_[element] = static_cast<uint8_t>(id << 4 | (data.size() - 1));
  else
    put_u16(out_, element, static_cast<uint16_t>(id << 8 | data.size()));
  std::memcpy(&out_[value], data.data(), data.size());
  at_ = end;
  return true;
}

size_t HeaderWriter::finish() {
  if (at_ == 0 || !(out_[0] & kExtensionBit)) return at_;
  while (at_ % 4 != 0) out_[at_++] = 0;
  size_t words = (at_ - kFixedHeaderSize - kExtensionHeaderSize) / 4;
  put_u16(out_, kFixedHeaderSize + 2, static_cast<uint16_t>(words));
  return at_;
}

size_t write_packet(MutableByteView out, const Header& header, ByteView payload) {
  size_t size = HeaderWriter(out, header).finish();
  if (size == 0 || payload.size() > out.size() - size) return 0;
  if (!payload.empty()) std::memcpy(&out[size], payload.data(), payload.size());
  return size + payload.size();
}

void set_marker(MutableByteView packet, bool marker) {
  packet[1] = static_cast<uint8_t>((packet[1] & 0x7f) | (marker ? 0x80 : 0));
}
void set_payload_type(MutableByteView packet, PayloadType payload_type) {
  packet[1] = static_cast<uint8_t>((packet[1] & 0x80) | (payload_type.value() & 0x7f));
}
void set_seq(MutableByteView packet, SeqNum seq) { put_u16(packet, 2, seq.value()); }
void set_time(MutableByteView packet, RtpTime time) { put_u32(packet, 4, time.value()); }
void set_ssrc(MutableByteView packet, Ssrc ssrc) { put_u32(packet, 8, ssrc.value()); }

}  // namespace footlight::rtp
