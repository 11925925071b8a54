#include "rtp/ntp.h"

#include <algorithm>

namespace footlight::rtp {
namespace {

constexpr uint64_t kSecondsFrom1900To1970 = 2'208'988'800;  // RFC 868
constexpr uint64_t kMicros = 1'000'000;

}  // namespace

NtpTime ntp_from_wall(WallTime t) {
  auto us = static_cast<uint64_t>(std::max<int64_t>(t.us(), 0));
  uint64_t seconds = us / kMicros + kSecondsFrom1900To1970;
  uint64_t fraction = ((us % kMicros << 32) + kMicros / 2) / kMicros;
  return NtpTime((seconds << 32) + fraction);
}

WallTime wall_from_ntp(NtpTime t) {
  auto seconds = static_cast<int64_t>(t.value() >> 32) - static_cast<int64_t>(kSecondsFrom1900To1970);
  uint64_t micros = ((t.value() & 0xffffffff) * kMicros + (uint64_t{1} << 31)) >> 32;
  return WallTime::micros(seconds * static_cast<int64_t>(kMicros) + static_cast<int64_t>(micros));
}

CompactNtp compact_from_duration(Duration d) {
  constexpr int64_t kLongest = (int64_t{1} << 16) * static_cast<int64_t>(kMicros) - 16;  // the largest 16.16 number
  auto us = static_cast<uint64_t>(std::clamp<int64_t>(d.us(), 0, kLongest));
  return CompactNtp(static_cast<uint32_t>(((us << 16) + kMicros / 2) / kMicros));
}

Duration duration_from_compact(CompactNtp c) {
  return Duration::micros(static_cast<int64_t>((uint64_t{c.value()} * kMicros + (1 << 15)) >> 16));
}

Duration round_trip(NtpTime now, CompactNtp last_sr, CompactNtp delay_since_last_sr) {
  uint32_t span = compact_from_ntp(now).value() - last_sr.value() - delay_since_last_sr.value();
  if (static_cast<int32_t>(span) < 0) return Duration::zero();
  return duration_from_compact(CompactNtp(span));
}

}  // namespace footlight::rtp
