#pragma once
#include <algorithm>
#include <optional>

#include "base/units.h"

namespace footlight::relay {

// The one place that asks a source for key frames: joiners, viewers' PLI and FIR, lost packets and the pipe all come
// here. Owned by a video producer. In: wishes and the key frames that come; out: at most one PLI each 500 ms. A wish
// made before a key frame began is granted by it; one that stays unanswered is asked again, while the source sends at
// all: whoever still waits wishes again.
class KeyFrameGovernor {
 public:
  static constexpr Duration kInterval = Duration::millis(500);
  static constexpr Duration kSilent = Duration::seconds(3);
  // A source that sends nothing at all, as a camera that is off, is asked ever more rarely.
  static constexpr Duration kLongest = Duration::seconds(5);
  // Paths that never carry the source get a key frame to go on with, at the cost of everybody's: each 3 s for a while,
  // then ever more rarely, until all of them have carried it for some time.
  static constexpr Duration kSlowInterval = Duration::seconds(3);
  static constexpr Duration kSlowPatience = Duration::seconds(30);
  static constexpr Duration kLongestSlow = Duration::seconds(30);
  static constexpr Duration kSlowQuiet = Duration::seconds(10);

  void request(Timestamp now) {
    if (!wished_) wished_ = now;
  }
  // For a path that is too slow for the source; asked all the time that it waits. `key`: when the newest one came.
  void request_for_slow(std::optional<Timestamp> key, Timestamp now) {
    if (!slow_at_ || now - *slow_at_ >= kSlowQuiet) {
      slow_since_ = now;
      slow_interval_ = kSlowInterval;
    }
    slow_at_ = now;
    if (wished_ || (key && now - *key < slow_interval_)) return;
    if (now - slow_since_ >= kSlowPatience) slow_interval_ = std::min(slow_interval_ * 2, kLongestSlow);
    wished_ = now;
  }
  void on_key_frame() { wished_.reset(); }
  // `arrival`: of the source's newest packet.
  void lapse(std::optional<Timestamp> arrival, Timestamp now) {
    if (wished_ && now - std::max(*wished_, arrival.value_or(*wished_)) >= kSilent) wished_.reset();
    heard_ = !sent_ || (arrival && *arrival > *sent_);
    if (heard_) unheard_ = 0;
  }
  // True when a PLI is to be sent now.
  [[nodiscard]] bool take_due(Timestamp now) {
    const Duration wait = heard_ ? kInterval : std::min(kInterval * std::max(unheard_, int64_t{1}), kLongest);
    if (!wished_ || (sent_ && now - *sent_ < wait)) return false;
    sent_ = now;
    ++unheard_;
    return true;
  }
  void reset() { wished_.reset(); }

 private:
  std::optional<Timestamp> wished_;
  std::optional<Timestamp> sent_;
  bool heard_ = true;    // the source has sent something since the last request
  int64_t unheard_ = 0;  // requests since it did
  std::optional<Timestamp> slow_at_;
  Timestamp slow_since_{};
  Duration slow_interval_ = kSlowInterval;
};

}  // namespace footlight::relay
