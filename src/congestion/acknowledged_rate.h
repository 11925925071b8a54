#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/units.h"

namespace footlight::congestion {

// How fast the receiver gets what we send, from the arrival times that feedback names: the mean of the last third of a
// second or so. Owned by a send controller. No filter as in libwebrtc: one that mistrusts a sudden change is late by
// seconds in both directions, and every decrease is a share of this figure. Times are the receiver's, from any zero.
class AcknowledgedRate {
 public:
  void on_packet(Duration arrival, size_t bytes);
  // Feedback was lost: what came meanwhile is unknown, and nothing is no answer.
  void on_gap() { last_arrival_.reset(); }

  [[nodiscard]] std::optional<DataRate> rate() const;

 private:
  static constexpr size_t kSamples = 3;
  struct Sample {
    Duration span;
    int64_t bytes = 0;
  };

  std::optional<Duration> last_arrival_;
  Sample gathering_;
  std::array<Sample, kSamples> samples_{};
  size_t count_ = 0;
};

}  // namespace footlight::congestion
