#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/units.h"
#include "compose/track_clock.h"
#include "media/track.h"

namespace footlight::compose {

// How late frames are ready, by the second-worst moment of each second: what it was in the last three seconds, and what
// comes again and again in fourteen. What a stall has held up comes at once, and is one moment however many frames it
// holds. One a second is dropped rather than paid for by everybody's delay, unless it is a stall's that comes again and
// again.
class LatenessMeter {
 public:
  void add(Duration lateness, Timestamp now);
  [[nodiscard]] Duration bound() const;

 private:
  static constexpr size_t kSeconds = 14;
  static constexpr size_t kRecent = 3;
  static constexpr Duration kMoment = Duration::millis(100);
  void end_moment();
  [[nodiscard]] Duration recurring() const;
  struct Second {
    Duration worst, second;
    Duration held;  // the second-worst frame of its worst moment: what a stall has held up, and no lone spike
  };
  std::array<Second, kSeconds> seconds_{};
  size_t at_ = 0;
  std::optional<Timestamp> started_;
  Timestamp moment_at_{};
  std::optional<Duration> moment_;  // the worst of the present one
  Duration moment_second_{};
};

// When each frame of one presenter session plays: its tracks' clocks, tied together by sender reports (lip sync), and
// one playout delay for both, as short as measured lateness allows. Owned by a Feed, used under its lock.
class FeedClock {
 public:
  FeedClock(int audio_rate, int video_rate) : tracks_{Track(audio_rate), Track(video_rate)} {}

  // Arrival of a frame's first packet, or of an audio packet.
  void on_arrival(media::Kind kind, int64_t rtp_time, Timestamp arrival);
  // The frame can be played from now on: it is decoded (video) or in the buffer (audio).
  void on_ready(media::Kind kind, int64_t rtp_time, Timestamp now);
  // RFC 3550 §6.4.1: this RTP time was captured at this time of the sender's wall clock.
  void on_sender_report(media::Kind kind, int64_t rtp_time, int64_t ntp_us, Timestamp now);
  // Moves the playout delay towards what lateness asks for: up at once, down by 2 ms a second.
  void update(Timestamp now);

  [[nodiscard]] bool known(media::Kind kind) const { return of(kind).clock.known(); }
  [[nodiscard]] Timestamp playout(media::Kind kind, int64_t rtp_time) const;
  [[nodiscard]] double rtp_time_playing_at(media::Kind kind, Timestamp t) const;
  [[nodiscard]] double skew(media::Kind kind) const { return of(kind).clock.skew(); }
  [[nodiscard]] Duration delay() const { return delay_; }
  // What of it lateness does not ask for any more, and that much less of it at once: the sound has been shortened.
  [[nodiscard]] Duration excess() const { return delay_ - need_; }
  void shorten(Duration by) { delay_ = std::max(need_, delay_ - by); }
  // What a track waits for its sibling.
  [[nodiscard]] Duration alignment(media::Kind kind) const { return of(kind).alignment; }

  static constexpr Duration kMinDelay = Duration::millis(20);
  static constexpr Duration kStartDelay = Duration::millis(40);
  static constexpr Duration kMaxDelay = Duration::millis(400);

 private:
  struct Report {
    int64_t rtp_time, ntp_us;
  };
  struct Track {
    explicit Track(int rate) : clock(rate) {}
    TrackClock clock;
    LatenessMeter lateness;
    std::optional<Report> report;
    Duration alignment;  // what this track waits for its sibling
    bool measured = false;
  };
  [[nodiscard]] Track& of(media::Kind kind) { return tracks_[kind == media::Kind::kAudio ? 0 : 1]; }
  [[nodiscard]] const Track& of(media::Kind kind) const { return tracks_[kind == media::Kind::kAudio ? 0 : 1]; }
  void align();

  std::array<Track, 2> tracks_;
  Duration delay_ = kStartDelay;
  Duration need_ = kStartDelay;
  std::optional<Timestamp> updated_;
};

}  // namespace footlight::compose
