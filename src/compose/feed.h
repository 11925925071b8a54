#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "compose/aac_receiver.h"
#include "compose/feed_clock.h"
#include "compose/speech_buffer.h"
#include "compose/video_receiver.h"
#include "rtp/rtcp/sender_report.h"
#include "state/desired.h"

namespace footlight::compose {

// The encoding of a track that is wanted: the smallest that covers so many pixels. Zero by zero: none for now.
struct LayerSize {
  uint16_t width = 0;
  uint16_t height = 0;
  friend bool operator==(const LayerSize&, const LayerSize&) = default;
};

// What a feed wants said to the relay.
struct FeedbackWish {
  rtp::Ssrc media{};
  std::vector<rtp::SeqNum> lost;
  bool key_frame = false;
  std::optional<LayerSize> layer;
};

struct FeedFigures {
  double fps = 0;
  double jitter_buffer_ms = 0;  // playout delay
  double video_wait_ms = 0;     // what pictures wait besides, for their sound
  double audio_wait_ms = 0;     // and sound for its pictures
  double decode_ms = 0;
  uint64_t frames = 0, damaged = 0, late_frames = 0, key_requests = 0, packets = 0, lost = 0;
  SpeechCounters speech;
};

// One relay session of one source, from RTP to pictures and samples with a time to play. Two threads: the pipe thread
// puts packets in and decodes video as soon as a frame is whole; the programme thread takes pictures and samples out.
// What they share stands behind one short lock. shared_ptr because both hold it while desired state replaces it.
// Bad packets are counted; pictures wait in a queue of at most kMaxPictures (the oldest goes first).
class Feed {
 public:
  // `clock` only to measure how long decoding takes.
  Feed(std::string session, std::vector<state::PipeTrack> tracks, const Clock& clock);

  // --- pipe thread
  [[nodiscard]] const std::string& session() const { return session_; }
  [[nodiscard]] const std::vector<state::PipeTrack>& tracks() const { return tracks_; }
  void on_rtp(const rtp::PacketView& packet, Timestamp now);
  void on_sender_report(const rtp::rtcp::SenderReport& report, Timestamp now);
  // Frees what waited too long and decodes it; adds wishes that are due.
  void on_timer(Timestamp now, std::vector<FeedbackWish>& wishes);
  // Off stage nothing is decoded, and no video asked for: what still comes only keeps the clock.
  void set_wanted(bool wanted) { wanted_.store(wanted, std::memory_order_relaxed); }
  [[nodiscard]] FeedFigures figures() const;  // any thread

  // --- programme thread
  [[nodiscard]] bool has_video() const { return video_ssrc_.has_value(); }
  // How large the picture is shown. No layer is wished for before it is known.
  void set_slot(LayerSize size) { slot_.store(size, std::memory_order_relaxed); }
  // The newest picture whose time has come by `t`; nullopt: none since the last one taken.
  [[nodiscard]] std::optional<libav::Picture> take_picture(Timestamp t, Duration tick);
  // Sound for the 20 ms (or so) that play from `t` on; false: silence.
  bool pull_audio(Timestamp t, std::span<float> out);

  static constexpr size_t kMaxPictures = 16;

 private:
  struct TimedPicture {
    int64_t rtp_time;
    libav::Picture picture;
  };
  void on_video(const rtp::PacketView& packet, Timestamp now);
  void on_audio(const rtp::PacketView& packet, Timestamp now);
  void hear_units(Timestamp now);
  void hear(int64_t rtp_time, ByteView packet, Timestamp now);
  void decode_ready(Timestamp now);
  [[nodiscard]] std::optional<LayerSize> take_layer_wish(Timestamp now);
  void count_frame(Timestamp now, Duration took);

  const Clock& time_;
  std::string session_;
  std::vector<state::PipeTrack> tracks_;
  std::optional<rtp::Ssrc> video_ssrc_, audio_ssrc_;
  std::optional<media::Codec> video_codec_;
  int audio_rate_;
  std::atomic<bool> wanted_{false};
  std::atomic<LayerSize> slot_{LayerSize{}};

  // Pipe thread only.
  std::optional<VideoReceiver> video_;
  rtp::TimeUnwrapper video_time_, audio_time_;
  rtp::SeqUnwrapper audio_seq_;
  std::optional<AacReceiver> aac_;
  LossTracker audio_losses_;
  std::optional<int64_t> newest_video_time_;
  std::optional<Timestamp> last_video_;
  std::optional<LayerSize> wished_;
  Timestamp wished_at_;

  mutable std::mutex mutex_;  // all below
  FeedClock clock_;
  SpeechBuffer speech_;
  Timestamp shortened_at_{};
  std::deque<TimedPicture> pictures_;
  std::deque<Timestamp> decoded_at_;  // of the last second
  double decode_ms_ = 0;
  FeedFigures figures_;
};

}  // namespace footlight::compose
