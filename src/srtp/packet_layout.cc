#include "srtp/packet_layout.h"

namespace footlight::srtp {
namespace {
constexpr uint8_t kVersion = 2;
constexpr uint8_t kExtensionBit = 0x10;
constexpr uint8_t kCsrcCountMask = 0x0f;
}  // namespace

std::optional<RtpLayout> rtp_layout(ByteView packet) {
  ByteReader r(packet);
  uint8_t first = 0;
  uint8_t marker_and_type = 0;
  uint32_t timestamp = 0;
  RtpLayout layout{};
  if (!r.read_u8(first) || first >> 6 != kVersion) return std::nullopt;
  if (!r.read_u8(marker_and_type) || !r.read_u16(layout.seq) || !r.read_u32(timestamp) || !r.read_u32(layout.ssrc))
    return std::nullopt;
  if (!r.skip(size_t{4} * (first & kCsrcCountMask))) return std::nullopt;
  if ((first & kExtensionBit) != 0) {
    uint16_t profile = 0;
    uint16_t words = 0;
    if (!r.read_u16(profile) || !r.read_u16(words) || !r.skip(size_t{4} * words)) return std::nullopt;
  }
  layout.header_size = r.position();
  return layout;
}

std::optional<uint32_t> rtcp_sender(ByteView packet) {
  ByteReader r(packet);
  uint8_t first = 0;
  uint32_t ssrc = 0;
  if (!r.read_u8(first) || first >> 6 != kVersion || !r.skip(3) || !r.read_u32(ssrc)) return std::nullopt;
  return ssrc;
}

}  // namespace footlight::srtp
