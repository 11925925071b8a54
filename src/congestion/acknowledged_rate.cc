#include "congestion/acknowledged_rate.h"

#include <algorithm>
#include <cmath>

namespace footlight::congestion {
namespace {

// The first sample is taken over longer, since everything rests on it (libwebrtc's BitrateEstimator: 500 and 150 ms).
constexpr Duration kFirstWindow = Duration::millis(500);
constexpr Duration kWindow = Duration::millis(150);
constexpr double kInitialVariance = 50;
// What a sample's relative distance says of its trust, and how fast an estimate grows stale (the same source).
constexpr double kUncertaintyScale = 10;
constexpr double kStaleness = 5;

}  // namespace

void AcknowledgedRate::on_packet(Duration arrival, size_t bytes) {
  Duration window = kbps_ < 0 ? kFirstWindow : kWindow;
  if (!last_arrival_) {
    last_arrival_ = arrival;
    window_ = Duration::zero();
    bytes_ = 0;  // its own time of transmission is unknown
    return;
  }
  Duration step = arrival - *last_arrival_;
  if (step > Duration::zero()) {
    last_arrival_ = arrival;
    window_ += step;
  }
  if (step > window) {  // a pause: it says nothing of the rate
    window_ = Duration::zero();
    bytes_ = 0;
    return;
  }
  bytes_ += static_cast<int64_t>(bytes);
  if (window_ < window) return;
  add_sample(static_cast<double>(bytes_) * 8000.0 / static_cast<double>(window_.us()));
  window_ = Duration::zero();
  bytes_ = 0;
}

void AcknowledgedRate::add_sample(double kbps) {
  if (kbps_ < 0) {
    kbps_ = kbps;
    variance_ = kInitialVariance;
    return;
  }
  double uncertainty = kUncertaintyScale * std::abs(kbps_ - kbps) / std::max(kbps_, 1.0);
  double sample_variance = std::max(uncertainty * uncertainty, 1e-3);
  double predicted = variance_ + kStaleness;
  kbps_ = (sample_variance * kbps_ + predicted * kbps) / (sample_variance + predicted);
  variance_ = sample_variance * predicted / (sample_variance + predicted);
}

std::optional<DataRate> AcknowledgedRate::rate() const {
  if (kbps_ < 0) return std::nullopt;
  return DataRate::bps(static_cast<int64_t>(kbps_ * 1000));
}

}  // namespace footlight::congestion
