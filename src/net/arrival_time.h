#pragma once
#include <sys/socket.h>

#include <cstring>
#include <ctime>
#include <optional>

#include "base/units.h"

namespace footlight::net {

// When the kernel took a message from the network, by a control message of SO_TIMESTAMPNS (socket(7)); nullopt for any
// other.
inline std::optional<WallTime> timestamp_of(const cmsghdr& control) {
  if (control.cmsg_level != SOL_SOCKET || control.cmsg_type != SO_TIMESTAMPNS) return std::nullopt;
  timespec t{};
  std::memcpy(&t, CMSG_DATA(&control), sizeof t);
  return WallTime::micros(int64_t{t.tv_sec} * 1'000'000 + t.tv_nsec / 1000);
}

// Longest that a datagram can have waited for its read and still be of use. What seems older, or newer than now, was
// dated by a wall clock that was set in between.
inline constexpr Duration kLongestWait = Duration::seconds(1);

// The same on the process's own clock. `now` and `wall_now` were read together.
inline Timestamp arrival_of(std::optional<WallTime> dated, Timestamp now, WallTime wall_now) {
  Duration waited = dated ? wall_now - *dated : Duration::zero();
  return waited < Duration::zero() || waited > kLongestWait ? now : now - waited;
}

}  // namespace footlight::net
