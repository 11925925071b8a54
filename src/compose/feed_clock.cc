#include "compose/feed_clock.h"

#include <algorithm>
#include <cstdlib>

namespace footlight::compose {
namespace {

// Beyond the bound, so that the next frame of the same lateness still makes it.
constexpr Duration kMargin = Duration::millis(5);
// Slow enough to be no audible change of speed.
constexpr int64_t kShrinkUsPerSecond = 2000;
constexpr Duration kShrinkStep = Duration::millis(50);
// Tracks of one browser are never further apart; a report that says so is wrong.
constexpr Duration kMaxAlignment = Duration::seconds(1);
// Reports jitter by a few ms; below that the ear and the eye do not care.
constexpr Duration kAlignmentStep = Duration::millis(3);

}  // namespace

void LatenessMeter::add(Duration lateness, Timestamp now) {
  if (!started_) started_ = now;
  while (now - *started_ >= Duration::seconds(1)) {
    if (now - *started_ >= Duration::seconds(kSeconds)) {
      seconds_ = {};
      started_ = now;
      break;
    }
    at_ = (at_ + 1) % kSeconds;
    seconds_[at_] = {};
    started_ = *started_ + Duration::seconds(1);
  }
  if (moment_ && now - moment_at_ >= kMoment) end_moment();
  if (!moment_) moment_at_ = now;
  if (moment_) moment_second_ = std::max(moment_second_, std::min(lateness, *moment_));
  moment_ = std::max(lateness, moment_.value_or(lateness));
}

// It counts for the second in which it ends.
void LatenessMeter::end_moment() {
  Second& s = seconds_[at_];
  if (*moment_ > s.worst) {
    s.second = s.worst;
    s.worst = *moment_;
  } else {
    s.second = std::max(s.second, *moment_);
  }
  s.held = std::max(s.held, moment_second_);
  moment_.reset();
  moment_second_ = {};
}

Duration LatenessMeter::bound() const {
  Duration bound = recurring();
  for (size_t ago = 0; ago < kRecent; ++ago)
    bound = std::max(bound, seconds_[(at_ + kSeconds - ago) % kSeconds].second);
  return moment_ ? std::max(bound, std::min(seconds_[at_].worst, *moment_)) : bound;
}

// What three seconds had or more, of which none follows another: a browser that starts beside it stalls for two or
// three seconds in a row, once; a radio that looks for other stations does it for ever.
Duration LatenessMeter::recurring() const {
  std::array<Duration, kSeconds> had;  // oldest first
  for (size_t i = 0; i < kSeconds; ++i) {
    const Second& s = seconds_[(at_ + 1 + i) % kSeconds];
    had[i] = std::max(s.second, s.held);
  }
  Duration most;
  for (size_t i = 0; i < kSeconds; ++i)
    for (size_t j = i + 2; j < kSeconds; ++j)
      for (size_t k = j + 2; k < kSeconds; ++k) most = std::max(most, std::min({had[i], had[j], had[k]}));
  return most;
}

void FeedClock::on_arrival(media::Kind kind, int64_t rtp_time, Timestamp arrival) {
  of(kind).clock.on_arrival(rtp_time, arrival);
}

void FeedClock::on_ready(media::Kind kind, int64_t rtp_time, Timestamp now) {
  Track& track = of(kind);
  if (!track.clock.known()) return;
  track.lateness.add(now - track.clock.best_arrival(rtp_time), now);
  track.measured = true;
}

void FeedClock::on_sender_report(media::Kind kind, int64_t rtp_time, int64_t ntp_us, Timestamp now) {
  of(kind).report = Report{rtp_time, ntp_us};
  align();
  update(now);
}

// Each track's best path has its own delay behind capture: d = best arrival - sender's wall time. Both shall play at
// capture + max(d) + delay, so the faster one waits for the difference.
void FeedClock::align() {
  std::array<int64_t, 2> behind{};
  for (size_t i = 0; i < tracks_.size(); ++i) {
    const Track& t = tracks_[i];
    if (!t.report || !t.clock.known()) return;
    behind[i] = t.clock.best_arrival(t.report->rtp_time).us() - t.report->ntp_us;
  }
  const int64_t latest = std::max(behind[0], behind[1]);
  for (size_t i = 0; i < tracks_.size(); ++i) {
    const Duration wish = Duration::micros(latest - behind[i]);
    if (wish > kMaxAlignment) continue;
    Duration& alignment = tracks_[i].alignment;
    const Duration change = wish - alignment;
    if (std::abs(change.us()) >= kAlignmentStep.us()) alignment = wish;
  }
}

void FeedClock::update(Timestamp now) {
  Duration need = kMinDelay;
  bool measured = false;
  for (const Track& t : tracks_) {
    if (!t.measured) continue;
    need = std::max(need, t.lateness.bound() - t.alignment + kMargin);
    measured = true;
  }
  if (!measured) return;
  need = need_ = std::min(need, kMaxDelay);
  if (need >= delay_) {
    delay_ = need;
    updated_ = now;
    return;
  }
  if (!updated_) updated_ = now;
  const Duration since = now - *updated_;
  if (since < kShrinkStep) return;
  delay_ = std::max(need, delay_ - Duration::micros(kShrinkUsPerSecond * since.us() / 1'000'000));
  updated_ = now;
}

Timestamp FeedClock::playout(media::Kind kind, int64_t rtp_time) const {
  const Track& t = of(kind);
  return t.clock.best_arrival(rtp_time) + t.alignment + delay_;
}

double FeedClock::rtp_time_playing_at(media::Kind kind, Timestamp t) const {
  const Track& track = of(kind);
  return track.clock.rtp_time_at(t - track.alignment - delay_);
}

}  // namespace footlight::compose
