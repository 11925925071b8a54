#pragma once
#include <algorithm>
#include <optional>

#include "base/units.h"

namespace footlight::congestion {

// The least of the last ten to twenty seconds: a minimum that forgets, so that a longer way is not a queue for ever.
// Two windows, the present and the last one.
class RecentLeast {
 public:
  void add(Duration value, Timestamp now) {
    if (now - since_ > kSpan) {
      before_ = present_;
      present_.reset();
      since_ = now;
    }
    present_ = std::min(present_.value_or(value), value);
  }
  [[nodiscard]] std::optional<Duration> value() const {
    return present_ ? std::min(*present_, before_.value_or(*present_)) : before_;
  }

 private:
  static constexpr Duration kSpan = Duration::seconds(10);

  std::optional<Duration> present_;
  std::optional<Duration> before_;
  Timestamp since_{};
};

}  // namespace footlight::congestion
