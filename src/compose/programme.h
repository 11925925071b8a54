#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "compose/feeds.h"
#include "compose/mixer.h"
#include "compose/opus_encoder.h"
#include "compose/part.h"
#include "compose/part_builder.h"
#include "compose/stage.h"
#include "compose/timeline.h"
#include "libav/aac_encoder.h"
#include "libav/video_encoder.h"
#include "state/desired.h"

namespace footlight::compose {

struct ProgrammeFigures {
  double mix_ms = 0, encode_ms = 0, package_ms = 0;  // running means of one tick
  uint64_t ticks = 0;                                // that passed
  uint64_t skipped_ticks = 0;  // of them, not encoded because the machine was too slow: the picture before lasts on
  uint64_t jumps = 0;          // times the process slept so long that it went on where the clock was
  uint64_t blocks = 0;         // of 20 ms of sound
  uint64_t key_frames = 0, requested_key_frames = 0;
  uint64_t encoder_faults = 0;
};

// The programme without threads or sockets: a picture for every canvas tick and 20 ms of sound for every block, from
// stage and mixer through the encoders to the sinks. Owned by Compose, which calls it on the programme thread; tests
// turn the clock by hand, at any speed. When the machine is too slow it leaves out ticks, never time.
class Programme {
 public:
  Programme(const Clock& clock, PartSink& parts, TrackSink& tracks);
  ~Programme();

  void apply(const state::ComposeDesired& desired, std::vector<StageInput> inputs);
  // When run() should be called next; Timestamp::max() before the first document.
  [[nodiscard]] Timestamp next_due() const;
  // Everything that is due by `now`.
  void run(Timestamp now);
  // Any thread: an IDR at the next tick that may have one (at most one a second besides the segments').
  void request_key_frame() { key_wanted_.store(true, std::memory_order_relaxed); }
  // Ends the open part, and the stream when desired state had ended it.
  void finish();
  [[nodiscard]] const ProgrammeFigures& figures() const { return figures_; }
  [[nodiscard]] const Stage* stage() const { return stage_.get(); }

 private:
  void jump(Timestamp now);
  void rebuild(const state::ComposeDesired& desired);
  void start_publishing(int64_t tick);
  void stop_publishing();
  void close_segment();
  void run_tick(int64_t tick, bool encode);
  void run_block();
  [[nodiscard]] Moment moment() const;
  [[nodiscard]] bool wants_key(int64_t tick);
  [[nodiscard]] libav::Picture scaled(const libav::Picture& canvas);

  const Clock& clock_;
  PartSink& parts_;
  TrackSink& tracks_;
  state::ComposeDesired desired_;
  std::optional<Timeline> timeline_;
  int64_t next_tick_ = 0;
  int64_t next_block_ = 0;
  std::unique_ptr<Stage> stage_;
  Mixer mixer_;
  std::optional<libav::VideoEncoder> video_;
  std::optional<libav::AacEncoder> aac_;
  std::optional<OpusPacker> opus_;
  std::unique_ptr<PartBuilder> builder_;
  std::unique_ptr<CanvasPool> scaled_pool_;
  bool publish_wanted_ = false;
  bool published_ = false;  // parts went out; their stream is not ended yet
  int next_init_ = 0;
  int64_t next_segment_ = 0;
  std::atomic<bool> key_wanted_{false};
  bool must_key_ = true;  // nothing decodable went out yet, or a picture was lost in the encoder
  int64_t last_key_tick_ = 0;
  std::vector<float> block_;
  ProgrammeFigures figures_;
};

}  // namespace footlight::compose
