#include "congestion/acknowledged_rate.h"

#include <algorithm>

namespace footlight::congestion {
namespace {

// Three or four frames of ordinary video: fewer say more of the frames than of the path.
constexpr Duration kSpan = Duration::millis(120);
// Longer without a packet is a pause, no rate.
constexpr Duration kPause = Duration::millis(500);

}  // namespace

void AcknowledgedRate::on_packet(Duration arrival, size_t bytes) {
  if (!last_arrival_ || arrival - *last_arrival_ > kPause) {
    last_arrival_ = arrival;
    gathering_ = {};
    return;  // how long this one took is unknown
  }
  Duration step = std::max(arrival - *last_arrival_, Duration::zero());
  last_arrival_ = *last_arrival_ + step;
  gathering_.span += step;
  gathering_.bytes += static_cast<int64_t>(bytes);
  if (gathering_.span < kSpan) return;
  samples_[count_++ % kSamples] = gathering_;
  gathering_ = {};
}

std::optional<DataRate> AcknowledgedRate::rate() const {
  if (count_ == 0) return std::nullopt;
  Sample sum;
  for (const Sample& s : samples_) {
    sum.span += s.span;
    sum.bytes += s.bytes;
  }
  return DataRate::bps(sum.bytes * 8'000'000 / sum.span.us());
}

}  // namespace footlight::congestion
