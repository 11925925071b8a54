#pragma once
#include <optional>

#include "base/units.h"

namespace footlight::relay {

// The one place that asks a source for key frames: joiners, viewers' PLI and FIR, lost packets and the pipe all come
// here. Owned by a video producer. In: wishes and the key frames that come; out: at most one PLI each 500 ms. A wish
// made before a key frame began is granted by it; one that stays unanswered is asked again.
class KeyFrameGovernor {
 public:
  static constexpr Duration kInterval = Duration::millis(500);

  void request(Timestamp now) {
    if (!wished_) wished_ = now;
  }
  void on_key_frame() { wished_.reset(); }
  // True when a PLI is to be sent now.
  [[nodiscard]] bool take_due(Timestamp now) {
    if (!wished_ || (sent_ && now - *sent_ < kInterval)) return false;
    sent_ = now;
    return true;
  }
  void reset() { wished_.reset(); }

 private:
  std::optional<Timestamp> wished_;
  std::optional<Timestamp> sent_;
};

}  // namespace footlight::relay
