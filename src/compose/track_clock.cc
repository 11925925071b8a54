#include "compose/track_clock.h"

#include <algorithm>
#include <cmath>

namespace footlight::compose {
namespace {

// Loop gains a bucket (500 ms): critically damped, settles in about ten seconds.
constexpr double kOffsetGain = 0.2;
constexpr double kDriftGain = 0.01;
// Crystal clocks stay within ±100 ppm; software clocks under NTP slew reach ±500. Beyond it is noise.
constexpr double kMaxDrift = 0.001;
// A delay that moved this far for a whole window is a new path: follow at once.
constexpr double kNewPathUs = 200'000;

}  // namespace

double TrackClock::media_us(int64_t rtp_time) const { return static_cast<double>(rtp_time - *origin_) * 1e6 / rate_; }

double TrackClock::offset_at(Timestamp t) const { return offset_ + drift_ * static_cast<double>((t - anchor_).us()); }

void TrackClock::begin(int64_t rtp_time, Timestamp arrival) {
  origin_ = rtp_time;
  anchor_ = bucket_start_ = arrival;
  offset_ = bucket_min_ = static_cast<double>(arrival.us());
  drift_ = 0;
  filled_ = next_ = 0;
}

void TrackClock::on_arrival(int64_t rtp_time, Timestamp arrival) {
  if (!origin_) return begin(rtp_time, arrival);
  const double sample = static_cast<double>(arrival.us()) - media_us(rtp_time);
  if (std::abs(sample - offset_at(arrival)) > static_cast<double>(kJump.us())) return begin(rtp_time, arrival);
  if (arrival - bucket_start_ >= kBucket) close_bucket(arrival);
  bucket_min_ = std::min(bucket_min_, sample);
  // Until the loop runs, the smallest delay so far is the best guess: a start needs no patience.
  if (filled_ < kBuckets && sample < offset_at(arrival)) {
    offset_ = sample;
    anchor_ = arrival;
  }
}

void TrackClock::close_bucket(Timestamp now) {
  minima_[next_] = bucket_min_;
  next_ = (next_ + 1) % kBuckets;
  filled_ = std::min(filled_ + 1, kBuckets);
  const double lowest = *std::min_element(minima_.begin(), minima_.begin() + static_cast<ptrdiff_t>(filled_));
  if (filled_ == kBuckets) {
    const double predicted = offset_at(now);
    const double residual = lowest - predicted;
    if (std::abs(residual) > kNewPathUs) {
      offset_ = lowest;
    } else {
      offset_ = predicted + kOffsetGain * residual;
      drift_ += kDriftGain * residual / static_cast<double>(kBucket.us());
      drift_ = std::clamp(drift_, -kMaxDrift, kMaxDrift);
    }
    anchor_ = now;
  }
  bucket_start_ = now;
  bucket_min_ = 1e18;  // the arrival at hand comes next
}

Timestamp TrackClock::best_arrival(int64_t rtp_time) const {
  const double media = media_us(rtp_time);
  // The offset at the arrival, which differs from now's by drift over a queue's length: nanoseconds.
  const auto rough = Timestamp::micros(static_cast<int64_t>(media + offset_));
  return Timestamp::micros(std::llround(media + offset_at(rough)));
}

double TrackClock::rtp_time_at(Timestamp t) const {
  return (static_cast<double>(t.us()) - offset_at(t)) * rate_ / 1e6 + static_cast<double>(*origin_);
}

}  // namespace footlight::compose
