#pragma once
#include <algorithm>
#include <cstdint>

#include "base/units.h"

namespace footlight::congestion {

// How far sending may run ahead of the pacing rate: a leaky bucket of what has left. No packet waits in it; who may not
// send comes again later. Owned by a sender, one a path. The burst of 40 ms at 2.5 times the target is a tenth of a
// second of media: a frame of ordinary size leaves in one turn, a key frame over several.
class SendBudget {
 public:
  static constexpr Duration kBurst = Duration::millis(40);  // libwebrtc's PacingController: kMaxBurstSize's default

  [[nodiscard]] bool may_send(DataRate pacing, Timestamp now) {
    drain(pacing, now);
    return debt_ <= bits_in(pacing, kBurst);
  }
  void on_sent(size_t bytes, DataRate pacing, Timestamp now) {
    drain(pacing, now);
    debt_ += static_cast<int64_t>(bytes) * 8;
  }

 private:
  static int64_t bits_in(DataRate rate, Duration span) { return rate.bps() * span.us() / 1'000'000; }
  void drain(DataRate pacing, Timestamp now) {
    // Beyond a second everything has drained; and the product stays small.
    Duration span = std::clamp(now - at_, Duration::zero(), Duration::seconds(1));
    debt_ = span < Duration::seconds(1) ? std::max(int64_t{0}, debt_ - bits_in(pacing, span)) : 0;
    at_ = std::max(at_, now);
  }

  int64_t debt_ = 0;  // bits
  Timestamp at_{};
};

}  // namespace footlight::congestion
