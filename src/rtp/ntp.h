#pragma once
#include <cstdint>

#include "base/strong.h"
#include "base/units.h"

namespace footlight::rtp {

// RFC 3550 §4: seconds since 1900 in 32.32 fixed point, as sender reports and abs-capture-time carry them.
using NtpTime = Strong<struct NtpTimeTag, uint64_t>;

// The middle 32 bits (16.16), as LSR and DLSR carry them. Also a span of time in 1/65536 s.
using CompactNtp = Strong<struct CompactNtpTag, uint32_t>;

// Exact to the microsecond both ways, until 2036 (era 0).
[[nodiscard]] NtpTime ntp_from_wall(WallTime t);
[[nodiscard]] WallTime wall_from_ntp(NtpTime t);

[[nodiscard]] constexpr CompactNtp compact_from_ntp(NtpTime t) {
  return CompactNtp(static_cast<uint32_t>(t.value() >> 16));
}
// A span, 0 to 18 h; longer or negative ones are clamped.
[[nodiscard]] CompactNtp compact_from_duration(Duration d);
[[nodiscard]] Duration duration_from_compact(CompactNtp c);

// RFC 3550 §6.4.1: round trip = now − LSR − DLSR. Zero where clocks make it negative.
[[nodiscard]] Duration round_trip(NtpTime now, CompactNtp last_sr, CompactNtp delay_since_last_sr);

}  // namespace footlight::rtp
