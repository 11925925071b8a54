#pragma once
#include <cstdint>
#include <optional>

#include "base/units.h"
#include "rtp/types.h"

namespace footlight::relay {

// How one consumer's sequence numbers and timestamps follow from its producer's: by an offset each, chosen anew
// whenever the consumer begins with another producer, so that what the viewer receives goes on without a gap or a
// jump. Owned by a consumer. A replayed past (the join cache) gets timestamps squeezed to a 32nd of their distance,
// so that the viewer's clock recovery takes the newest frame, not the oldest, as now.
class RtpMapping {
 public:
  static constexpr int64_t kReplaySqueeze = 32;

  RtpMapping(int clock_rate, uint16_t first_seq, uint32_t first_time);

  // Begins (again) with the producer's packet `first`. `first_time` is that packet's, `live_time` the newest's.
  void begin(rtp::UnwrappedSeq first, rtp::UnwrappedTime first_time, rtp::UnwrappedTime live_time, Timestamp now);
  // Ends the present producer's part: numbers sent so far stay the viewer's.
  void end() { active_ = false; }
  [[nodiscard]] bool active() const { return active_; }
  [[nodiscard]] rtp::UnwrappedSeq first() const { return first_; }

  [[nodiscard]] rtp::SeqNum seq(rtp::UnwrappedSeq in) const { return in.plus(seq_offset_).wrapped(); }
  [[nodiscard]] rtp::RtpTime time(rtp::UnwrappedTime in) const;
  // Where a moment of the producer's clock lies in the viewer's, without the squeeze: for sender reports.
  [[nodiscard]] rtp::RtpTime live_time(rtp::UnwrappedTime in) const {
    return rtp::RtpTime(static_cast<uint32_t>(in.value() + time_offset_));
  }
  // The producer's number of a packet that the viewer names; nullopt when it was not sent in this part.
  [[nodiscard]] std::optional<rtp::UnwrappedSeq> source_seq(rtp::SeqNum out) const;
  // Marks a packet as sent.
  void on_sent(rtp::UnwrappedSeq in, rtp::UnwrappedTime time, Timestamp now);

 private:
  [[nodiscard]] int64_t map_time(rtp::UnwrappedTime in) const;

  int clock_rate_;
  bool active_ = false;
  rtp::UnwrappedSeq first_{};
  int64_t seq_offset_ = 0;
  int64_t time_offset_ = 0;
  rtp::UnwrappedTime live_time_{};
  int64_t next_seq_;     // unwrapped, of the viewer's numbers: one beyond the highest sent
  int64_t newest_time_;  // unwrapped, of the viewer's timestamps: the highest sent
  std::optional<Timestamp> newest_sent_at_;
};

}  // namespace footlight::relay
