#pragma once
#include <algorithm>
#include <optional>

#include "base/units.h"

namespace footlight::relay {

// How often one receiver's wishes for a key frame are heard: one that gets what it asked for, whole, and asks again is
// broken, or its line is, and each key frame costs everybody. A wish that crosses a key frame on its way to the
// receiver is granted by it. Owned by a consumer.
class RequestBackoff {
 public:
  static constexpr Duration kFirst = Duration::millis(500);
  static constexpr Duration kLongest = Duration::seconds(4);
  static constexpr Duration kQuiet = Duration::seconds(10);
  // A key frame that takes longer to be sent is none to wait for.
  static constexpr Duration kLongestSending = Duration::millis(500);

  // True when the request counts.
  [[nodiscard]] bool hears(Timestamp now) {
    if (asked_at_ && now - *asked_at_ >= kQuiet) {
      awaited_ = false;
      wait_ = {};
    }
    asked_at_ = now;
    if (now < deaf_until_ || now < crossing_until_) return false;
    awaited_ = true;
    return true;
  }
  // A key frame begins to be sent: whoever asks now does not know of it.
  void on_key_frame_begun(Timestamp now) { crossing_until_ = now + kLongestSending; }
  // It has been sent to its end, and wishes made before it arrived come for one round trip more.
  void on_key_frame_sent(Duration round_trip, Timestamp now) {
    crossing_until_ = std::min(crossing_until_, now + round_trip);
    if (!awaited_) return;
    awaited_ = false;
    wait_ = std::clamp(wait_ * 2, kFirst, kLongest);
    deaf_until_ = now + wait_;
  }

 private:
  bool awaited_ = false;
  Duration wait_{};
  std::optional<Timestamp> asked_at_;
  Timestamp deaf_until_{};
  Timestamp crossing_until_{};
};

}  // namespace footlight::relay
