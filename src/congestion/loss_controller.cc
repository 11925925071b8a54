#include "congestion/loss_controller.h"

#include <algorithm>
#include <cmath>

namespace footlight::congestion {
namespace {

// A quarter of a second of packets, and enough of them to see 5 % (libwebrtc's LossBasedBweV2: 250 ms, 20 packets).
constexpr Duration kObservationSpan = Duration::millis(250);
constexpr int64_t kObservationPackets = 20;
constexpr Duration kMaxObservationSpan = Duration::seconds(1);
constexpr double kAging = 0.9;  // weight of an observation against the next; the same source

constexpr double kNegligibleLoss = 0.02;  // gcc-02 §6: below it loss says nothing
// Loss at any rate is believed up to here, the more the less the capacity: a slow path loses much by the packet. The
// decision is ours: repair by retransmission still gives a whole picture at 10 % on each rate that viewers have.
constexpr double kInherentMin = 0.001;
constexpr double kInherentOffset = 0.10;
constexpr double kInherentBalanceBps = 100'000;
constexpr double kInherentMax = 0.5;
// Of two equally likely explanations the higher capacity, while repair can bear the loss; beyond it the lower one.
constexpr double kHighBias = 0.02;
constexpr double kBearableLoss = 0.15;
constexpr double kGrowthPerSecond = 1.25;
constexpr double kCertain = 1e-4;  // no probability is 0 or 1

}  // namespace

void LossController::on_packet(Timestamp sent, size_t bytes, bool received) {
  if (first_sent_) {
    Duration span = sent - *first_sent_;
    if ((span >= kObservationSpan && packets_ >= kObservationPackets) || span >= kMaxObservationSpan) {
      close({static_cast<double>(packets_), static_cast<double>(lost_),
             static_cast<double>(bytes_) * 8 / span.seconds()});
      packets_ = lost_ = bytes_ = 0;
      first_sent_ = sent;
    }
  } else {
    first_sent_ = sent;
  }
  ++packets_;
  if (!received) ++lost_;
  bytes_ += static_cast<int64_t>(bytes);
}

void LossController::on_found() {
  if (lost_ > 0) {
    --lost_;
  } else if (count_ > 0) {
    double& lost = window_[(count_ - 1) % kWindow].lost;
    lost = std::max(0.0, lost - 1);
  }
}

void LossController::on_report(int64_t sent, int64_t lost, DataRate rate) {
  if (sent <= 0) return;
  close({static_cast<double>(sent), static_cast<double>(std::clamp<int64_t>(lost, 0, sent)),
         static_cast<double>(rate.bps())});
}

void LossController::close(const Observation& observation) {
  window_[count_ % kWindow] = observation;
  ++count_;
}

double LossController::mean_loss() const {
  double packets = 0;
  double lost = 0;
  double weight = 1;
  for (size_t age = 0; age < std::min(count_, kWindow); ++age, weight *= kAging) {
    const Observation& o = window_[(count_ - 1 - age) % kWindow];
    packets += weight * o.packets;
    lost += weight * o.lost;
  }
  return packets > 0 ? lost / packets : 0;
}

void LossController::update(DataRate unlimited, std::optional<DataRate> acknowledged, Timestamp now) {
  if (judged_ == count_) return;
  judged_ = count_;
  double seconds = judged_at_ ? std::clamp((now - *judged_at_).seconds(), 0.0, 1.0) : 0;
  judged_at_ = now;
  loss_ratio_ = mean_loss();
  if (!limit_ && loss_ratio_ < kNegligibleLoss) return;
  choose(static_cast<double>(unlimited.bps()), acknowledged, seconds);
}

void LossController::choose(double unlimited, std::optional<DataRate> acknowledged, double seconds) {
  double base = limit_ ? static_cast<double>(limit_->bps()) : unlimited;
  double arrived = acknowledged ? static_cast<double>(acknowledged->bps()) : base;
  double best = base;
  double best_objective = objective(base);
  for (double candidate : {base * 1.05, base * 0.95, base * 0.85, arrived, unlimited}) {
    if (candidate > unlimited || candidate <= 0) continue;
    double value = objective(candidate);
    if (value <= best_objective) continue;
    best = candidate;
    best_objective = value;
  }
  if (limit_) best = std::min(best, base * std::pow(kGrowthPerSecond, seconds));
  if (best >= unlimited)
    limit_.reset();
  else
    limit_ = DataRate::bps(static_cast<int64_t>(best));
}

// How well `capacity` explains what was seen: the mean log-likelihood of a packet's fate, when each is lost with
// p = i + (1 - i) q, q the share of the rate sent that exceeds the capacity. The inherent loss i is the one that makes
// the expected losses those seen.
double LossController::objective(double capacity) const {
  auto excess = [capacity](const Observation& o) { return o.bps > capacity ? 1 - capacity / o.bps : 0.0; };
  double packets = 0;
  double unexplained = 0;
  double exposed = 0;
  double weight = 1;
  size_t count = std::min(count_, kWindow);
  for (size_t age = 0; age < count; ++age, weight *= kAging) {
    const Observation& o = window_[(count_ - 1 - age) % kWindow];
    double q = excess(o);
    packets += weight * o.packets;
    unexplained += weight * (o.lost - o.packets * q);
    exposed += weight * o.packets * (1 - q);
  }
  double most = std::min(kInherentMax, kInherentOffset + kInherentBalanceBps / capacity);
  double inherent = exposed > 0 ? std::clamp(unexplained / exposed, kInherentMin, most) : kInherentMin;
  double likelihood = 0;
  weight = 1;
  for (size_t age = 0; age < count; ++age, weight *= kAging) {
    const Observation& o = window_[(count_ - 1 - age) % kWindow];
    double p = std::clamp(inherent + (1 - inherent) * excess(o), kCertain, 1 - kCertain);
    likelihood += weight * (o.lost * std::log(p) + (o.packets - o.lost) * std::log(1 - p));
  }
  double bias = loss_ratio_ < kBearableLoss ? kHighBias : 0;
  return likelihood / std::max(packets, 1.0) + bias * std::log(capacity);
}

}  // namespace footlight::congestion
