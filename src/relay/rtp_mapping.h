#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "base/units.h"
#include "rtp/types.h"

namespace footlight::relay {

// What is added to a producer's running numbers of pictures (StoredPacket::picture) to give the receiver's.
struct PictureOffsets {
  uint16_t picture = 0;
  uint8_t tl0 = 0;
  friend bool operator==(const PictureOffsets&, const PictureOffsets&) = default;
};

// How one consumer's sequence numbers and timestamps follow from its producers': what the receiver gets goes on without
// a gap or a jump when the encoding or the source changes and when packets are left out, and what it got stays known,
// so that a NACK of the past finds its packet. Owned by a consumer; fixed memory. A replayed past (the join cache) gets
// timestamps squeezed as it is sent, so that the viewer's clock recovery takes each frame as now: to a 32nd of their
// distance where it leaves at once, to the pace where it is paced. Otherwise the jitter buffer would grow by the
// replay.
class RtpMapping {
 public:
  static constexpr int64_t kReplaySqueeze = 32;

  RtpMapping(int clock_rate, uint16_t first_seq, uint32_t first_time);

  struct Beginning {
    rtp::UnwrappedSeq first;        // of the producer's packets
    rtp::UnwrappedTime first_time;  // its
    rtp::UnwrappedTime live_time;   // where the producer's line is met: what lies before it is squeezed
    int64_t squeeze = kReplaySqueeze;
    int64_t lead = 0;   // ticks by which live_time lies ahead of the producer's newest packet
    uint8_t layer = 0;  // given back with packets that the receiver names
    PictureOffsets pictures;
    std::optional<int64_t> line;  // where live_time belongs (line_of()); nullopt: by the time since the last packet
  };
  // Goes on with packets of a producer.
  void begin(const Beginning& beginning, Timestamp now);
  // The source is gone: numbers sent so far stay the receiver's, its packets cannot be named any more.
  void end() { count_ = 0; }
  [[nodiscard]] bool active() const { return count_ > 0; }

  // Packets from `from` to before `to` are never sent: later ones close up. None at or behind `from` has been sent.
  // `pictures`: how many whole pictures go with them.
  void leave_out(rtp::UnwrappedSeq from, rtp::UnwrappedSeq to, uint16_t pictures);

  // A packet of the present producer as the receiver gets it. nullopt: it is left out, or was before the beginning.
  struct Place {
    int64_t seq = 0;  // unwrapped, of the receiver's numbers
    uint32_t part = 0;
    PictureOffsets pictures;
    [[nodiscard]] rtp::SeqNum wrapped() const { return rtp::SeqNum(static_cast<uint16_t>(seq)); }
  };
  [[nodiscard]] std::optional<Place> place_of(rtp::UnwrappedSeq in) const;
  [[nodiscard]] rtp::RtpTime time(const Place& place, rtp::UnwrappedTime in) const {
    return rtp::RtpTime(static_cast<uint32_t>(map_time(part(place.part), in)));
  }
  // The packet that the receiver names; nullopt when it is not remembered.
  struct Source {
    uint8_t layer = 0;
    rtp::UnwrappedSeq seq;
    Place place;
  };
  [[nodiscard]] std::optional<Source> source_of(rtp::SeqNum out) const;

  // Where a moment of the present producer's clock lies in the receiver's, unwrapped and without the squeeze: for
  // sender reports, and to carry the line over to another encoding.
  [[nodiscard]] int64_t line_of(rtp::UnwrappedTime in) const { return in.value() + newest_part().offset; }
  // Marks a packet as sent.
  void on_sent(const Place& place, rtp::UnwrappedTime time, Timestamp now);
  [[nodiscard]] int64_t newest_time() const { return newest_time_; }

 private:
  // 15 changes a second (the middle one of three temporal layers left out) for two seconds of NACKs.
  static constexpr size_t kSegments = 32;
  static constexpr size_t kParts = 4;

  // Packets of a producer that follow each other at the receiver's.
  struct Segment {
    rtp::UnwrappedSeq first;
    int64_t out = 0;    // number of `first`
    int64_t count = 0;  // packets; of the newest segment: not yet known
    uint32_t part = 0;
    PictureOffsets pictures;
  };
  // The time between two beginnings: one encoding, one line of timestamps.
  struct Part {
    uint8_t layer = 0;
    rtp::UnwrappedTime first_time;
    rtp::UnwrappedTime live_time;
    int64_t offset = 0;
    int64_t floor = 0;  // least timestamp of `first_time`
    int64_t squeeze = kReplaySqueeze;
  };

  [[nodiscard]] const Segment& newest() const { return segments_[(next_ - 1) % kSegments]; }
  [[nodiscard]] const Part& part(uint32_t number) const { return parts_[number % kParts]; }
  [[nodiscard]] const Part& newest_part() const { return part(parts_begun_ - 1); }
  [[nodiscard]] static int64_t map_time(const Part& part, rtp::UnwrappedTime in);
  void push(const Segment& segment);

  int clock_rate_;
  std::array<Segment, kSegments> segments_{};
  uint32_t next_ = 0;   // of segments ever
  uint32_t count_ = 0;  // remembered
  std::array<Part, kParts> parts_{};
  uint32_t parts_begun_ = 0;
  int64_t next_seq_;     // unwrapped, of the receiver's numbers: one beyond the highest sent
  int64_t newest_time_;  // unwrapped, of the receiver's timestamps: the highest sent
  std::optional<Timestamp> newest_sent_at_;
};

}  // namespace footlight::relay
