#pragma once
#include <optional>

#include "base/units.h"
#include "rtp/types.h"

namespace footlight::relay {

// Whether a source's RTP time goes on, in the order of its packets' numbers. One that plays a file again, or hands on
// what others send, falls back and says nothing; after an hour without a packet the way round the cycle is not known
// (2^31 ticks of 90 kHz are 6.6 h). A single packet off the line is none of these. Owned by a producer.
class SourceTimeline {
 public:
  // Farther back than pictures are ever shown out of the order of their numbers (B-frames, a few pictures a second).
  static constexpr Duration kFall = Duration::seconds(2);
  static constexpr Duration kPause = Duration::seconds(3600);

  enum class Step {
    kGoesOn,
    kDoubtful,    // has fallen: the next packet tells whether it stays so
    kBeginsAnew,  // with this packet and the doubtful one before it
  };

  explicit SourceTimeline(int clock_rate) : clock_rate_(clock_rate) {}

  [[nodiscard]] Step on_packet(rtp::UnwrappedSeq seq, rtp::UnwrappedTime time, Timestamp arrival) {
    if (newest_ && seq <= newest_->seq) return Step::kGoesOn;
    const bool paused = newest_ && arrival - newest_->arrival >= kPause;
    if (paused || !newest_ || !falls(newest_->time, time)) {
      newest_ = {seq, time, arrival};
      doubtful_.reset();
      return paused ? Step::kBeginsAnew : Step::kGoesOn;
    }
    if (!doubtful_ || falls(*doubtful_, time) || falls(time, *doubtful_)) {
      doubtful_ = time;
      return Step::kDoubtful;
    }
    newest_ = {seq, time, arrival};
    doubtful_.reset();
    return Step::kBeginsAnew;
  }
  // The time of the newest packet.
  [[nodiscard]] std::optional<rtp::UnwrappedTime> newest_time() const {
    return newest_ ? std::optional(newest_->time) : std::nullopt;
  }
  void reset() {
    newest_.reset();
    doubtful_.reset();
  }

 private:
  [[nodiscard]] bool falls(rtp::UnwrappedTime from, rtp::UnwrappedTime to) const {
    return from.value() - to.value() > kFall.us() * clock_rate_ / 1'000'000;
  }

  struct Newest {
    rtp::UnwrappedSeq seq;
    rtp::UnwrappedTime time;
    Timestamp arrival;
  };
  int clock_rate_;
  std::optional<Newest> newest_;
  std::optional<rtp::UnwrappedTime> doubtful_;
};

}  // namespace footlight::relay
