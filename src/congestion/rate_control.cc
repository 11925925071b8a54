#include "congestion/rate_control.h"

#include <algorithm>
#include <cmath>

namespace footlight::congestion {
namespace {

constexpr double kBeta = 0.85;             // gcc-02 §5.5: the decrease
constexpr double kGrowthPerSecond = 1.08;  // the same: eta
constexpr Duration kMaxStep = Duration::seconds(1);
// gcc-02 §5.5 allows 1.5. Media that is an encoder's own follows the estimate at once, and never comes near either
// bound; a layer of fixed rate does not, and an estimate of 1.5 times that would never have been tested.
constexpr double kProvenFactor = 1.2;
constexpr double kProvenSlackBps = 10'000;                  // libwebrtc's AimdRateControl
constexpr Duration kResponseSlack = Duration::millis(100);  // gcc-02 §5.5: response_time
constexpr double kPacketBits = 1200 * 8;
constexpr double kMinAdditiveBps = 4000;  // a second; libwebrtc
// A queue that stands is not answered twice before the first answer can have worked.
constexpr Duration kMinReaction = Duration::millis(10);
constexpr Duration kMaxReaction = Duration::millis(200);

constexpr double kCapacityGain = 0.05;  // libwebrtc's LinkCapacityEstimator, and the next three
constexpr double kMinVariance = 0.4;
constexpr double kMaxVariance = 2.5;
constexpr double kDeviations = 3;

}  // namespace

void RateControl::Capacity::on_overuse(double kbps) {
  if (mean_ < 0) {
    mean_ = kbps;
  } else {
    mean_ += kCapacityGain * (kbps - mean_);
  }
  double error = kbps - mean_;
  double relative = error * error / std::max(mean_, 1.0);
  variance_ = std::clamp((1 - kCapacityGain) * variance_ + kCapacityGain * relative, kMinVariance, kMaxVariance);
}

double RateControl::Capacity::deviation() const { return std::sqrt(variance_ * mean_); }
double RateControl::Capacity::lower() const { return std::max(0.0, mean_ - kDeviations * deviation()); }
double RateControl::Capacity::upper() const { return mean_ + kDeviations * deviation(); }

void RateControl::update(const Input& input, Timestamp now) {
  switch (input.usage) {
    case Usage::kOver:
      decrease(input, now);
      break;
    case Usage::kNormal:
      increase(input, now);
      break;
    case Usage::kUnder:  // let the queue drain
      break;
  }
  updated_ = now;
}

void RateControl::increase(const Input& input, Timestamp now) {
  if (input.hold || updated_ == Timestamp{}) return;
  double rate = static_cast<double>(rate_.bps());
  double limit = static_cast<double>(max_.bps());
  if (input.ceiling) {
    limit = static_cast<double>(input.ceiling->bps());
  } else if (input.acknowledged) {
    double kbps = static_cast<double>(input.acknowledged->bps()) / 1000;
    if (capacity_.known() && kbps > capacity_.upper()) capacity_.reset();
    limit = kProvenFactor * static_cast<double>(input.acknowledged->bps()) + kProvenSlackBps;
  }
  if (rate >= limit) return;
  double seconds = std::min(now - updated_, kMaxStep).seconds();
  if (seconds <= 0) return;
  if (capacity_.known()) {
    double response = (input.round_trip + kResponseSlack).seconds();
    rate += std::max(kMinAdditiveBps, kPacketBits / response) * seconds;
  } else {
    rate *= std::pow(kGrowthPerSecond, seconds);
  }
  set(std::min(rate, limit));
}

void RateControl::decrease(const Input& input, Timestamp now) {
  Duration reaction = std::clamp(input.round_trip, kMinReaction, kMaxReaction);
  double rate = static_cast<double>(rate_.bps());
  double arrived = input.acknowledged ? static_cast<double>(input.acknowledged->bps()) : rate;
  bool far_above = arrived < rate / 2 && !input.untested;
  if (last_decrease_ && now - *last_decrease_ < reaction && !far_above) return;
  double down = kBeta * arrived;
  // Sending below the estimate all along: what arrived then says little, what the path once bore says more.
  if (down > rate && capacity_.known()) down = kBeta * capacity_.mean() * 1000;
  if (input.untested) {
    down = kBeta * rate;
  } else if (input.acknowledged) {
    double kbps = arrived / 1000;
    if (capacity_.known() && (kbps < capacity_.lower() || kbps > capacity_.upper())) capacity_.reset();
    capacity_.on_overuse(kbps);
  }
  last_decrease_ = now;
  set(std::min(down, rate));
}

void RateControl::on_probe(DataRate measured, Timestamp now) {
  // A path that bears more than it did has a capacity that is not known yet.
  if (capacity_.known() && static_cast<double>(measured.bps()) / 1000 > capacity_.upper()) capacity_.reset();
  set(static_cast<double>(measured.bps()));
  updated_ = now;
}

void RateControl::restore(DataRate rate, Timestamp now) {
  set(static_cast<double>(rate.bps()));
  updated_ = now;
}

void RateControl::back_off(double factor, Timestamp now) {
  last_decrease_ = now;
  set(static_cast<double>(rate_.bps()) * factor);
  updated_ = now;
}

void RateControl::set(double bps) { rate_ = std::clamp(DataRate::bps(static_cast<int64_t>(bps)), min_, max_); }

}  // namespace footlight::congestion
