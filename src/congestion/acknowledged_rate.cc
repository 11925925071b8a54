#include "congestion/acknowledged_rate.h"

#include <algorithm>

namespace footlight::congestion {
namespace {

// Three or four frames of ordinary video: fewer say more of the frames than of the path.
constexpr Duration kSpan = Duration::millis(120);
// Longer without a packet is a pause, no rate.
constexpr Duration kPause = Duration::millis(500);
// Packets overtake each other by less: the receiver's clock was set back.
constexpr Duration kSetBack = Duration::seconds(1);

}  // namespace

void AcknowledgedRate::on_packet(Timestamp sent, Duration arrival, size_t bytes) {
  if (!last_arrival_ || arrival - *last_arrival_ > kPause || *last_arrival_ - arrival > kSetBack) {
    last_arrival_ = arrival;
    last_sent_ = sent;
    gathering_ = {};
    return;  // how long this one took is unknown
  }
  Duration step = std::max(arrival - *last_arrival_, Duration::zero());
  last_arrival_ = *last_arrival_ + step;
  gathering_.span += step;
  gathering_.bytes += static_cast<int64_t>(bytes);
  gathering_.sent_span += std::max(sent - last_sent_, Duration::zero());
  last_sent_ = std::max(last_sent_, sent);
  if (gathering_.span < kSpan) return;
  samples_[count_++ % kSamples] = gathering_;
  gathering_ = {};
}

AcknowledgedRate::Sample AcknowledgedRate::sum() const {
  Sample sum;
  for (const Sample& s : samples_) {
    sum.span += s.span;
    sum.bytes += s.bytes;
    sum.sent_span += s.sent_span;
    sum.lost_bytes += s.lost_bytes;
  }
  return sum;
}

std::optional<DataRate> AcknowledgedRate::rate() const {
  if (count_ == 0) return std::nullopt;
  const Sample all = sum();
  return DataRate::bps(all.bytes * 8'000'000 / all.span.us());
}

double AcknowledgedRate::delivered() const {
  if (count_ == 0) return 1;
  const Sample all = sum();
  const double came = static_cast<double>(all.bytes) / static_cast<double>(all.bytes + all.lost_bytes);
  return came * all.sent_span.seconds() / all.span.seconds();
}

}  // namespace footlight::congestion
