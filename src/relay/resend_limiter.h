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
  static constexpr double kShare = 0.5;  // resends a first send, in the long run
  static constexpr double kBurst = 128;  // packets: a lost key frame at once
  static constexpr Duration kMinInterval = Duration::millis(10);

  void on_sent() { budget_ = std::min(kBurst, budget_ + kShare); }
  // True: send it, and it is counted.
  [[nodiscard]] bool allow(rtp::SeqNum seq, Duration rtt, Timestamp now) {
    Entry& entry = recent_[seq.value() % recent_.size()];
    if (entry.used && entry.seq == seq && now - entry.at < std::max(kMinInterval, rtt)) return false;
    if (budget_ < 1) return false;
    budget_ -= 1;
    entry = {true, seq, now};
    return true;
  }

 private:
  struct Entry {
    bool used = false;
    rtp::SeqNum seq{};
    Timestamp at{};
  };
  double budget_ = kBurst;
  std::array<Entry, 256> recent_{};  // by the number's low byte
};

}  // namespace footlight::relay
