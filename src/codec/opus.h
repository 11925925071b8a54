#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/units.h"

namespace footlight::codec {

inline constexpr int kOpusClockRate = 48000;  // RFC 7587 §4.1

// The first bytes of an Opus packet (RFC 6716 §3.1, §3.2).
struct OpusPacketInfo {
  int frames = 0;
  int samples = 0;  // of the whole packet, at 48 kHz; at most 5760 (120 ms)
  bool stereo = false;

  [[nodiscard]] static std::optional<OpusPacketInfo> parse(ByteView packet);
};

}  // namespace footlight::codec
