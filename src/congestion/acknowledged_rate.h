#pragma once
#include <cstdint>
#include <optional>

#include "base/units.h"

namespace footlight::congestion {

// How fast the receiver gets what we send, from the arrival times that feedback names. Owned by a send controller.
// Samples over short windows are joined by their trust: one that differs much from the estimate counts little, unless
// the next ones say the same (a scalar Kalman filter, as in libwebrtc). Times are the receiver's, from any zero.
class AcknowledgedRate {
 public:
  void on_packet(Duration arrival, size_t bytes);
  // Feedback was lost: what came meanwhile is unknown, and nothing is no answer.
  void on_gap() { last_arrival_.reset(); }
  void reset() { *this = {}; }

  [[nodiscard]] std::optional<DataRate> rate() const;

 private:
  void add_sample(double kbps);

  std::optional<Duration> last_arrival_;
  Duration window_;  // of the sample being gathered
  int64_t bytes_ = 0;
  double kbps_ = -1;  // < 0: no sample yet
  double variance_ = 0;
};

}  // namespace footlight::congestion
