#include "compose/programme.h"

#include <libyuv/scale.h>

#include "base/check.h"
#include "base/log.h"

namespace footlight::compose {
namespace {

const Logger kLog("compose");

constexpr int kAacBitrate = 128'000;
constexpr int64_t kMaxLateTicks = 2;
// Beyond what compose keeps for an origin that is away, catching up would only flood it.
constexpr Duration kMaxCatchUp = Duration::seconds(10);
constexpr double kSmooth = 0.05;  // of a new measurement in a running mean

void smooth(double& mean, Duration measured) { mean += kSmooth * (measured.seconds() * 1000 - mean); }

// A second slice thread must be waited for, and on a busy machine that costs more than it saves. Measured: one 720p30
// picture takes 5 ms of one core; what is larger needs both.
int encoder_threads(const state::ComposeDesired& d) {
  constexpr int64_t kOneCorePixels = int64_t{1280} * 720 * 30;  // a second
  return int64_t{d.rendition.width} * d.rendition.height * d.canvas.fps <= kOneCorePixels ? 1 : 2;
}

bool same_shape(const state::ComposeDesired& a, const state::ComposeDesired& b) {
  return a.canvas == b.canvas && a.rendition == b.rendition && a.hls.timing == b.hls.timing &&
         a.timeline_start_ms == b.timeline_start_ms;
}

}  // namespace

Programme::Programme(const Clock& clock, PartSink& parts, TrackSink& tracks)
    : clock_(clock), parts_(parts), tracks_(tracks), block_(2 * kBlockSamples) {}
Programme::~Programme() = default;

void Programme::apply(const state::ComposeDesired& desired, std::vector<StageInput> inputs) {
  if (!timeline_ || !same_shape(desired, desired_)) rebuild(desired);
  desired_ = desired;
  stage_->apply(std::move(inputs));
  publish_wanted_ = desired.hls.publish;
  if (!publish_wanted_ && published_) stop_publishing();
}

void Programme::rebuild(const state::ComposeDesired& desired) {
  close_segment();
  const Timestamp now = clock_.now();
  const bool goes_on = timeline_ && desired.timeline_start_ms == desired_.timeline_start_ms;
  const Timestamp from = goes_on ? std::max(now, timeline_->time_of_tick(next_tick_)) : now;
  timeline_.emplace(WallTime::millis(desired.timeline_start_ms), desired.canvas.fps, clock_.wall_now(), now);
  // A timeline that begins in a moment is waited for.
  next_tick_ = std::max<int64_t>(timeline_->tick_from(from), 0);
  if (!goes_on) next_block_ = std::max<int64_t>(timeline_->sample_at(now) / kBlockSamples, 0);
  stage_ = std::make_unique<Stage>(desired.canvas.width, desired.canvas.height);
  const state::Rendition& r = desired.rendition;
  scaled_pool_ = std::make_unique<CanvasPool>(r.width, r.height);
  const state::HlsGrid grid = state::hls_grid(desired.canvas, desired.hls.timing);
  auto encoder = libav::VideoEncoder::open({.width = r.width,
                                            .height = r.height,
                                            .fps = desired.canvas.fps,
                                            .key_interval = static_cast<int>(grid.part_frames * grid.segment_parts),
                                            .video_kbps = r.video_kbps,
                                            .max_kbps = r.max_kbps,
                                            .buffer_kbit = r.buffer_kbit,
                                            .threads = encoder_threads(desired)});
  must_key_ = true;
  video_.reset();
  if (encoder)
    video_.emplace(std::move(*encoder));
  else
    kLog.error("the video encoder does not start",
               {{"programme", desired.programme}, {"reason", sentence(encoder.error())}});
}

Timestamp Programme::next_due() const {
  if (!timeline_) return Timestamp::max();
  // A block is mixed when its time is over: by then everything that belongs into it is here.
  return std::min(timeline_->time_of_tick(next_tick_), timeline_->time_of_sample((next_block_ + 1) * kBlockSamples));
}

void Programme::run(Timestamp now) {
  if (timeline_ && timeline_->time_of_tick(next_tick_) + kMaxCatchUp < now) jump(now);
  while (timeline_ && next_due() <= now) {
    if (timeline_->time_of_sample((next_block_ + 1) * kBlockSamples) <= timeline_->time_of_tick(next_tick_)) {
      run_block();
      continue;
    }
    const int64_t tick = next_tick_++;
    // Too slow: a stall of two ticks is made up for, beyond it pictures are left out. A part needs its first one.
    const bool late = timeline_->time_of_tick(tick + kMaxLateTicks) <= now;
    const bool needed = builder_ ? builder_->starts_part(tick) : publish_wanted_;
    run_tick(tick, !late || needed);
  }
}

// The process was stopped for long. Nobody waits for what would have been: a new init segment marks the place.
void Programme::jump(Timestamp now) {
  close_segment();
  publish_wanted_ = desired_.hls.publish;
  next_tick_ = timeline_->tick_from(now);
  next_block_ = timeline_->sample_at(now) / kBlockSamples;
  must_key_ = true;
  ++figures_.jumps;
}

void Programme::start_publishing(int64_t tick) {
  const int64_t first_sample = next_block_ * kBlockSamples;
  auto aac = libav::AacEncoder::open(kAacBitrate, first_sample);
  if (!aac) {
    kLog.error("the sound encoder does not start",
               {{"programme", desired_.programme}, {"reason", sentence(aac.error())}});
    return;
  }
  aac_.emplace(std::move(*aac));
  builder_ = std::make_unique<PartBuilder>(parts_, *timeline_, state::hls_grid(desired_.canvas, desired_.hls.timing),
                                           desired_.rendition, tick, next_init_++, next_segment_);
  published_ = true;
  kLog.info("publishing starts", {{"programme", desired_.programme}, {"epoch", desired_.epoch}, {"tick", tick}});
}

// The open segment ends with a part that says so. When the last one has just left, that takes one more picture.
void Programme::close_segment() {
  if (!builder_) return;
  publish_wanted_ = false;
  if (builder_->between_parts()) run_tick(next_tick_++, true);
  builder_->close(next_tick_);
  next_segment_ = builder_->next_segment();
  builder_.reset();
  aac_.reset();
}

void Programme::stop_publishing() {
  close_segment();
  parts_.on_end();
  published_ = false;
  kLog.info("publishing ends", {{"programme", desired_.programme}, {"epoch", desired_.epoch}});
}

void Programme::finish() { close_segment(); }

Moment Programme::moment() const {
  const Timestamp now = clock_.now();
  return {timeline_->wall_at(now), timeline_->video_time_at(now), timeline_->sample_at(now)};
}

bool Programme::wants_key(int64_t tick) {
  if (must_key_ || (builder_ && builder_->starts_segment(tick))) return true;
  if (tick - last_key_tick_ < timeline_->fps()) return false;
  if (!key_wanted_.exchange(false, std::memory_order_relaxed)) return false;
  ++figures_.requested_key_frames;
  return true;
}

void Programme::run_tick(int64_t tick, bool encode) {
  ++figures_.ticks;
  if (!encode) ++figures_.skipped_ticks;
  if (publish_wanted_ && !builder_) start_publishing(tick);
  const Timestamp begun = clock_.now();
  const Duration length = timeline_->time_of_tick(tick + 1) - timeline_->time_of_tick(tick);
  if (!encode || !video_) return;
  const libav::Picture canvas = stage_->compose(timeline_->time_of_tick(tick), timeline_->wall_of_tick(tick), length);
  const libav::Picture picture = scaled(canvas);
  const Timestamp mixed = clock_.now();
  auto coded = video_->encode(picture, tick, wants_key(tick));
  const Timestamp encoded = clock_.now();
  smooth(figures_.mix_ms, mixed - begun);
  smooth(figures_.encode_ms, encoded - mixed);
  if (!coded) {
    ++figures_.encoder_faults;
    must_key_ = true;
    return;
  }
  if (coded->key) {
    must_key_ = false;
    last_key_tick_ = tick;
    ++figures_.key_frames;
    key_wanted_.store(false, std::memory_order_relaxed);
  }
  if (!desired_.publish_tracks.empty())
    tracks_.on_video(timeline_->video_time(tick), std::make_shared<const std::vector<uint8_t>>(coded->data), moment());
  if (builder_ && aac_) builder_->on_picture(*coded, aac_->specific_config());
  smooth(figures_.package_ms, clock_.now() - encoded);
}

void Programme::run_block() {
  const int64_t first = next_block_++ * kBlockSamples;
  ++figures_.blocks;
  const Timestamp from = timeline_->time_of_sample(first);
  const WallTime wall = WallTime::millis(desired_.timeline_start_ms) + Duration::micros(first * 125 / 6);
  mixer_.mix(stage_->inputs(), from, wall, block_);
  if (!desired_.publish_tracks.empty()) {
    if (!opus_) opus_.emplace();
    if (auto packet = opus_->encode(block_); !packet.empty())
      tracks_.on_audio(first - opus_->lookahead(), std::move(packet), moment());
  }
  if (!builder_ || !aac_) return;
  std::vector<libav::AacFrame> units;
  if (!aac_->push(block_, units)) ++figures_.encoder_faults;
  builder_->on_audio(std::move(units));
}

libav::Picture Programme::scaled(const libav::Picture& canvas) {
  const state::Rendition& r = desired_.rendition;
  if (canvas.width == r.width && canvas.height == r.height) return canvas;
  auto to = scaled_pool_->take();
  libyuv::I420Scale(canvas.plane[0], canvas.stride[0], canvas.plane[1], canvas.stride[1], canvas.plane[2],
                    canvas.stride[2], canvas.width, canvas.height, to->plane(0), to->stride(0), to->plane(1),
                    to->stride(1), to->plane(2), to->stride(2), r.width, r.height, libyuv::kFilterBox);
  return share(std::move(to));
}

}  // namespace footlight::compose
