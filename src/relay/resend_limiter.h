#pragma once
#include <algorithm>
#include <array>
#include <cstdint>

#include "base/units.h"
#include "rtp/types.h"

namespace footlight::relay {

// Keeps a viewer's NACKs from becoming a storm (livekit #440): a packet is sent again at most once a round trip, and
// all resends together stay below half of what was sent first. Owned by a consumer; fixed memory.
class ResendLimiter {
 public:
  static constexpr float kShare = 0.5;  // resends a first send, in the long run
  static constexpr float kBurst = 128;  // packets: a lost key frame at once
  static constexpr Duration kMinInterval = Duration::millis(10);

  void on_sent() { budget_ = std::min(kBurst, budget_ + kShare); }
  // True: send it, and it is counted.
  [[nodiscard]] bool allow(rtp::SeqNum seq, Duration rtt, Timestamp now) {
    Entry& entry = recent_[seq.value() % recent_.size()];
    const auto now_ms = static_cast<uint16_t>(now.ms());
    const Duration age = Duration::millis(static_cast<uint16_t>(now_ms - entry.at_ms));
    if (entry.seq == seq.value() && entry.used && age < std::max(kMinInterval, rtt)) return false;
    if (budget_ < 1) return false;
    budget_ -= 1;
    entry = {true, seq.value(), now_ms};
    return true;
  }

 private:
  struct Entry {
    bool used = false;
    uint16_t seq = 0;
    uint16_t at_ms = 0;  // wraps after a minute: then a packet may have to be asked for twice
  };
  float budget_ = kBurst;
  std::array<Entry, 128> recent_{};  // by the number's low bits; a viewer has thousands of peers, so it is kept small
};

}  // namespace footlight::relay
