#include "base/clock.h"

#include <ctime>

namespace footlight {
namespace {
int64_t read_us(clockid_t id) {
  timespec ts{};
  clock_gettime(id, &ts);
  return static_cast<int64_t>(ts.tv_sec) * 1'000'000 + ts.tv_nsec / 1000;
}
}  // namespace

Timestamp SystemClock::now() const { return Timestamp::micros(read_us(CLOCK_MONOTONIC)); }
WallTime SystemClock::wall_now() const { return WallTime::micros(read_us(CLOCK_REALTIME)); }
SystemClock& SystemClock::get() {
  static SystemClock clock;
  return clock;
}

}  // namespace footlight
