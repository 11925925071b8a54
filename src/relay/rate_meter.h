#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/units.h"

namespace footlight::relay {

// A sum over the last second, in ten steps of 100 ms: bitrates and frame rates for people. Owned by who counts.
class RateMeter {
 public:
  void add(int64_t amount, Timestamp now) {
    advance(now);
    buckets_[static_cast<size_t>(step_ % kSteps)] += amount;
  }
  // Per second, over the whole steps that ended before `now`.
  [[nodiscard]] int64_t per_second(Timestamp now) {
    advance(now);
    int64_t sum = 0;
    for (int64_t i = 1; i < kSteps; ++i) sum += buckets_[static_cast<size_t>((step_ + i) % kSteps)];
    return sum * kSteps / (kSteps - 1);
  }

 private:
  static constexpr int64_t kSteps = 10;
  static constexpr int64_t kStepUs = 100'000;

  void advance(Timestamp now) {
    int64_t step = now.us() / kStepUs;
    if (step - step_ >= kSteps) {
      buckets_.fill(0);
      step_ = step;
    }
    for (; step_ < step; ++step_) buckets_[static_cast<size_t>((step_ + 1) % kSteps)] = 0;
  }

  std::array<int64_t, kSteps> buckets_{};
  int64_t step_ = 0;
};

}  // namespace footlight::relay
