#pragma once
#include <algorithm>
#include <cstdint>

#include "base/units.h"

namespace footlight::congestion {

// Whether the application sends clearly less than the path would take: then the estimate is not put to the test and
// must not grow by itself. Owned by a send controller. A bucket of half a second fills at a share of the target and is
// emptied by what is sent; between its two levels the answer stays as it was.
class ApplicationLimit {
 public:
  void on_sent(size_t bytes, DataRate target, Timestamp now) {
    fill(target, now);
    level_ -= static_cast<double>(bytes) * 8;
    settle(target);
  }
  void on_time(DataRate target, Timestamp now) {
    fill(target, now);
    settle(target);
  }
  [[nodiscard]] bool limited() const { return limited_; }

 private:
  // libwebrtc's AlrDetector; its usage of 0.65 is meant for encoders, which waver around the target. Layers stay where
  // they are.
  static constexpr double kUsage = 0.85;
  static constexpr double kSpan = 0.5;  // seconds
  static constexpr double kStart = 0.8;
  static constexpr double kStop = 0.5;

  void fill(DataRate target, Timestamp now) {
    if (at_ != Timestamp{} && now > at_) level_ += kUsage * static_cast<double>(target.bps()) * (now - at_).seconds();
    at_ = std::max(at_, now);
  }
  void settle(DataRate target) {
    double full = kUsage * static_cast<double>(target.bps()) * kSpan;
    level_ = std::clamp(level_, -full, full);
    if (level_ > kStart * full) limited_ = true;
    if (level_ < kStop * full) limited_ = false;
  }

  double level_ = 0;  // bits
  Timestamp at_{};
  bool limited_ = false;
};

}  // namespace footlight::congestion
