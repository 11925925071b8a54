#include "codec/opus.h"

namespace footlight::codec {
namespace {

// RFC 6716 table 2: samples at 48 kHz of one frame, by the configuration's five bits.
int samples_of(unsigned config) {
  constexpr int kMs = kOpusClockRate / 1000;
  constexpr int kSilkMs[] = {10, 20, 40, 60};
  if (config < 12) return kSilkMs[config % 4] * kMs;
  if (config < 16) return (config % 2 ? 20 : 10) * kMs;
  return (kMs * 5 / 2) << config % 4;  // CELT: 2.5, 5, 10, 20 ms
}

}  // namespace

std::optional<OpusPacketInfo> OpusPacketInfo::parse(ByteView packet) {
  constexpr int kMaxSamples = 120 * kOpusClockRate / 1000;  // RFC 6716 §3.2.5, R5
  if (packet.empty()) return std::nullopt;
  uint8_t toc = packet[0];
  OpusPacketInfo info;
  info.stereo = toc >> 2 & 1;
  switch (toc & 3) {
    case 0:
      info.frames = 1;
      break;
    case 1:
    case 2:
      info.frames = 2;
      break;
    default:
      if (packet.size() < 2) return std::nullopt;
      info.frames = packet[1] & 0x3f;
  }
  info.samples = info.frames * samples_of(toc >> 3);
  if (info.frames == 0 || info.samples > kMaxSamples) return std::nullopt;
  return info;
}

}  // namespace footlight::codec
