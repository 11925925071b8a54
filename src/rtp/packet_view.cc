#include "rtp/packet_view.h"

namespace footlight::rtp {
namespace {

constexpr uint16_t kOneByteProfile = 0xbede;  // RFC 8285 §4.2
constexpr uint16_t kTwoByteProfile = 0x1000;  // §4.3, without the four appbits
constexpr uint8_t kOneByteStop = 15;          // §4.2: id 15 ends the block
constexpr size_t kExtensionHeaderSize = 4;    // RFC 3550 §5.3.1: profile and length

uint16_t u16_at(ByteView b, size_t at) { return static_cast<uint16_t>(b[at] << 8 | b[at + 1]); }
uint32_t u32_at(ByteView b, size_t at) { return uint32_t{u16_at(b, at)} << 16 | u16_at(b, at + 2); }

}  // namespace

ExtensionReader::ExtensionReader(uint16_t profile, ByteView block)
    : form_(profile == kOneByteProfile              ? Form::kOneByte
            : (profile & 0xfff0) == kTwoByteProfile ? Form::kTwoByte
                                                    : Form::kNone),
      reader_(block) {}

bool ExtensionReader::next(ExtensionElement& out) {
  switch (form_) {
    case Form::kOneByte:
      return next_one_byte(out);
    case Form::kTwoByte:
      return next_two_byte(out);
    case Form::kNone:
      break;
  }
  return false;
}

// |id: 4|length − 1: 4| data …   A zero byte is padding.
bool ExtensionReader::next_one_byte(ExtensionElement& out) {
  uint8_t head = 0;
  while (reader_.read_u8(head)) {
    if (head == 0) continue;
    auto id = static_cast<uint8_t>(head >> 4);
    size_t length = (head & 0x0fu) + 1u;
    ByteView data;
    if (id == kOneByteStop || !reader_.read_bytes(length, data)) break;
    if (id == 0) continue;  // §4.2: id 0 with a length is skipped
    out = {id, data};
    return true;
  }
  form_ = Form::kNone;
  return false;
}

// |id: 8|length: 8| data …   A zero id is one byte of padding.
bool ExtensionReader::next_two_byte(ExtensionElement& out) {
  uint8_t id = 0;
  while (reader_.read_u8(id)) {
    if (id == 0) continue;
    uint8_t length = 0;
    ByteView data;
    if (!reader_.read_u8(length) || !reader_.read_bytes(length, data)) break;
    out = {id, data};
    return true;
  }
  form_ = Form::kNone;
  return false;
}

//  0                   1                   2                   3      RFC 3550 §5.1
// |V=2|P|X|  CC   |M|     PT      |       sequence number         |
// |                           timestamp                           |
// |           synchronization source (SSRC) identifier            |
// |            contributing sources (CSRC), CC times              |
Result<PacketView, PacketError> PacketView::parse(ByteView bytes) {
  if (bytes.size() < kFixedHeaderSize) return unexpected(PacketError::kTooShort);
  if (bytes[0] >> 6 != kVersion) return unexpected(PacketError::kBadVersion);
  PacketView view;
  view.bytes_ = bytes;
  size_t at = kFixedHeaderSize + 4 * view.csrc_count();
  if (at > bytes.size()) return unexpected(PacketError::kCsrcPastEnd);
  if (bytes[0] & 0x10) {
    if (kExtensionHeaderSize > bytes.size() - at) return unexpected(PacketError::kExtensionPastEnd);
    view.extension_profile_ = u16_at(bytes, at);
    size_t size = 4u * u16_at(bytes, at + 2);
    at += kExtensionHeaderSize;
    if (size > bytes.size() - at) return unexpected(PacketError::kExtensionPastEnd);
    view.extension_block_ = bytes.subspan(at, size);
    at += size;
  }
  size_t padding = 0;
  if (bytes[0] & 0x20) {
    padding = bytes.back();  // §5.1: counts itself, so never zero
    if (padding == 0 || padding > bytes.size() - at) return unexpected(PacketError::kBadPadding);
  }
  view.header_size_ = at;
  view.payload_ = bytes.subspan(at, bytes.size() - at - padding);
  return view;
}

SeqNum PacketView::seq() const { return SeqNum(u16_at(bytes_, 2)); }
RtpTime PacketView::time() const { return RtpTime(u32_at(bytes_, 4)); }
Ssrc PacketView::ssrc() const { return Ssrc(u32_at(bytes_, 8)); }
Ssrc PacketView::csrc(size_t i) const { return Ssrc(u32_at(bytes_, kFixedHeaderSize + 4 * i)); }

std::optional<ByteView> PacketView::extension(uint8_t id) const {
  ExtensionReader reader = extensions();
  for (ExtensionElement element; reader.next(element);)
    if (element.id == id) return element.data;
  return std::nullopt;
}

}  // namespace footlight::rtp
