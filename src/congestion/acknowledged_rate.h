#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/units.h"

namespace footlight::congestion {

// How fast the receiver gets what we send, from the arrival times that feedback names: the mean of the last third of a
// second or so. Owned by a send controller. No filter as in libwebrtc: one that mistrusts a sudden change is late by
// seconds in both directions, and every decrease is a share of this figure. Arrivals are on the receiver's clock, from
// any zero.
class AcknowledgedRate {
 public:
  void on_packet(Timestamp sent, Duration arrival, size_t bytes);
  void on_lost(size_t bytes) { gathering_.lost_bytes += static_cast<int64_t>(bytes); }
  // Feedback was lost: what came meanwhile is unknown, and nothing is no answer.
  void on_gap() { last_arrival_.reset(); }

  [[nodiscard]] std::optional<DataRate> rate() const;
  // How fast what came by that rate arrived, of how fast it was sent with what was lost of it: about 1 where the path
  // carries all.
  [[nodiscard]] double delivered() const;

 private:
  static constexpr size_t kSamples = 3;
  struct Sample {
    Duration span;
    int64_t bytes = 0;
    Duration sent_span;
    int64_t lost_bytes = 0;
  };
  [[nodiscard]] Sample sum() const;

  std::optional<Duration> last_arrival_;
  Timestamp last_sent_{};
  Sample gathering_;
  std::array<Sample, kSamples> samples_{};
  size_t count_ = 0;
};

}  // namespace footlight::congestion
