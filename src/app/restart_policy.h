#pragma once
#include <algorithm>

#include "base/units.h"

namespace footlight::app {

// When a role that ended is started again: at once the first time, then 100 ms, doubling to 5 s while it keeps dying
// young; a life of 10 s forgives what was. No clock: times come in.
class RestartPolicy {
 public:
  static constexpr Duration kFirstPause = Duration::millis(100);
  static constexpr Duration kLongestPause = Duration::seconds(5);
  static constexpr Duration kForgiveAfter = Duration::seconds(10);

  // How long to wait now that a process ended which had lived so long.
  [[nodiscard]] Duration on_end(Duration lived) {
    if (lived >= kForgiveAfter) next_ = Duration::zero();
    Duration pause = next_;
    next_ = next_ == Duration::zero() ? kFirstPause : std::min(next_ * 2, kLongestPause);
    return pause;
  }

 private:
  Duration next_;
};

}  // namespace footlight::app
