#include "congestion/delay_detector.h"

#include <algorithm>
#include <cmath>

namespace footlight::congestion {
namespace {

// gcc-02 §5.2: what is sent within 5 ms is one group; what arrives as fast after it joins it.
constexpr Duration kGroupSpan = Duration::millis(5);
constexpr Duration kMaxBurst = Duration::millis(100);
// A pause or a jump of the receiver's clock: variation over it means nothing (libwebrtc: 2 s and 3 s).
constexpr Duration kPause = Duration::seconds(2);
constexpr Duration kClockJump = Duration::seconds(3);

constexpr double kSmoothing = 0.9;       // trendline_estimator.cc
constexpr double kGain = 4;              // the same
constexpr double kMaxCounted = 60;       // the same: the slope of few samples counts less
constexpr double kOveruseMs = 10;        // gcc-02 §5.4: overuse_time_th
constexpr double kThresholdUp = 0.0087;  // the same: K_u, K_d, bounds
constexpr double kThresholdDown = 0.039;
constexpr double kThresholdMin = 6;
constexpr double kThresholdMax = 600;
constexpr double kOutlierMs = 15;  // the same: a spike does not move the threshold
constexpr double kMaxAdaptStepMs = 100;
// Decisions of ours: a key frame at pacing speed makes a queue that is gone in a tenth of a second or two. Longer, or
// more than any key frame makes, is congestion.
constexpr Duration kStandingQueue = Duration::millis(15);
constexpr Duration kStandingSpan = Duration::millis(200);
constexpr Duration kLongQueue = Duration::millis(120);
constexpr Duration kFullSpan = Duration::seconds(1);
constexpr int64_t kShortenedPercent = 85;
constexpr Duration kForeignSpan = Duration::seconds(20);

double ms(Duration d) { return static_cast<double>(d.us()) / 1000.0; }

}  // namespace

void DelayDetector::on_packet(Timestamp sent, Duration arrival, Timestamp now) {
  if (last_packet_ && now - *last_packet_ > kPause) restart();
  last_packet_ = now;
  Duration delay = arrival - Duration::micros(sent.us());
  round_least_ = std::min(round_least_.value_or(delay), delay);
  if (!current_) {
    current_ = {sent, sent, arrival, arrival};
    return;
  }
  if (sent < current_->first_sent) return;  // overtaken by a group that is closed: it tells nothing new
  if (!belongs(sent, arrival)) {
    close_group(now);
    current_ = {sent, sent, arrival, arrival};
    return;
  }
  current_->last_sent = std::max(current_->last_sent, sent);
  current_->last_arrival = std::max(current_->last_arrival, arrival);
}

bool DelayDetector::belongs(Timestamp sent, Duration arrival) const {
  if (sent - current_->first_sent <= kGroupSpan) return true;
  Duration apart = arrival - current_->last_arrival;
  Duration growth = apart - (sent - current_->last_sent);
  return growth < Duration::zero() && apart <= kGroupSpan && arrival - current_->first_arrival < kMaxBurst;
}

void DelayDetector::close_group(Timestamp now) {
  if (previous_) {
    Duration sent_apart = current_->last_sent - previous_->last_sent;
    Duration arrived_apart = current_->last_arrival - previous_->last_arrival;
    Duration variation = arrived_apart - sent_apart;
    if (variation > kClockJump || variation < -kClockJump) {
      restart();
      return;
    }
    add_variation(variation, sent_apart, current_->last_arrival, now);
  }
  previous_ = current_;
}

void DelayDetector::add_variation(Duration variation, Duration sent_apart, Duration arrival, Timestamp now) {
  if (!origin_) origin_ = arrival;
  accumulated_ms_ += ms(variation);
  smoothed_ms_ = kSmoothing * smoothed_ms_ + (1 - kSmoothing) * accumulated_ms_;
  samples_[count_ % kWindow] = {ms(arrival - *origin_), smoothed_ms_};
  ++count_;
  double trend = count_ >= kWindow ? slope() : previous_trend_;
  judge(trend, sent_apart, now);
}

// Least squares over the window: milliseconds of delay gained a millisecond.
double DelayDetector::slope() const {
  double at = 0;
  double delay = 0;
  for (const Sample& s : samples_) {
    at += s.at_ms;
    delay += s.delay_ms;
  }
  at /= kWindow;
  delay /= kWindow;
  double covariance = 0;
  double variance = 0;
  for (const Sample& s : samples_) {
    covariance += (s.at_ms - at) * (s.delay_ms - delay);
    variance += (s.at_ms - at) * (s.at_ms - at);
  }
  return variance > 0 ? covariance / variance : previous_trend_;
}

// gcc-02 §5.4: over, when the trend has been above the threshold for a while and does not fall.
void DelayDetector::judge(double trend, Duration sent_apart, Timestamp now) {
  double modified = std::min(static_cast<double>(count_), kMaxCounted) * trend * kGain;
  if (modified > threshold_ms_) {
    over_ms_ = over_ms_ < 0 ? ms(sent_apart) / 2 : over_ms_ + ms(sent_apart);
    ++over_count_;
    if (over_ms_ > kOveruseMs && over_count_ > 1 && trend >= previous_trend_) {
      over_ms_ = 0;
      over_count_ = 0;
      usage_ = Usage::kOver;
    }
  } else {
    over_ms_ = -1;
    over_count_ = 0;
    usage_ = modified < -threshold_ms_ ? Usage::kUnder : Usage::kNormal;
  }
  previous_trend_ = trend;
  adapt_threshold(modified, now);
}

// gcc-02 §5.4: del_var_th follows the size of the variation, slowly up and faster down.
void DelayDetector::adapt_threshold(double modified, Timestamp now) {
  double size = std::abs(modified);
  double step = threshold_at_ == Timestamp{} ? 0 : std::clamp(ms(now - threshold_at_), 0.0, kMaxAdaptStepMs);
  threshold_at_ = now;
  if (size > threshold_ms_ + kOutlierMs) return;
  double rate = size < threshold_ms_ ? kThresholdDown : kThresholdUp;
  threshold_ms_ = std::clamp(threshold_ms_ + rate * (size - threshold_ms_) * step, kThresholdMin, kThresholdMax);
}

void DelayDetector::end_round(Timestamp now) {
  if (!round_least_) return;
  least_.add(*round_least_, now);
  queue_delay_ = *round_least_ - *least_.value();
  judge_queue(now);
}

void DelayDetector::judge_queue(Timestamp now) {
  if (queue_delay_ < kStandingQueue)
    queue_since_.reset();
  else if (!queue_since_)
    queue_since_ = now;
  standing_ = queue_since_ && (queue_delay_ >= kLongQueue || now - *queue_since_ >= kStandingSpan);
  full_ = false;
  if (queue_delay_ < kLongQueue) {
    long_since_.reset();
    full_queue_ = Duration::zero();
    return;
  }
  if (!long_since_) long_since_ = now;
  if (now - *long_since_ < kFullSpan || now < foreign_until_) return;
  long_since_ = now;
  if (full_queue_ > Duration::zero() && queue_delay_ * 100 > full_queue_ * kShortenedPercent)
    foreign_until_ = now + kForeignSpan;
  else
    full_ = true;
  full_queue_ = queue_delay_;
}

void DelayDetector::restart() {
  current_.reset();
  previous_.reset();
  count_ = 0;
  origin_.reset();
  accumulated_ms_ = smoothed_ms_ = 0;
  previous_trend_ = 0;
  over_ms_ = -1;
  over_count_ = 0;
  usage_ = Usage::kNormal;
  least_ = {};
  round_least_.reset();  // it may be of before the jump
  queue_delay_ = Duration::zero();
  queue_since_.reset();
  standing_ = false;
  long_since_.reset();
  full_ = false;
}

}  // namespace footlight::congestion
