#pragma once
#include <cstdint>

#include "base/units.h"

namespace footlight::compose {

inline constexpr int kSampleRate = 48000;  // Hz, of everything compose mixes and sends
// Samples are mixed 20 ms at a time: one Opus frame, the shortest step that receivers' jitter buffers like.
inline constexpr int64_t kBlockSamples = 960;

// The programme's one clock: canvas ticks and 48 kHz samples counted from `start`, which control keeps for the
// programme's life. Anchored once to the monotonic clock, so that a step of wall time never tears the programme.
// A value; no failures; thirty years of ticks fit.
class Timeline {
 public:
  Timeline(WallTime start, int fps, WallTime wall_now, Timestamp now)
      : start_(start), zero_(now - (wall_now - start)), fps_(fps) {}

  [[nodiscard]] int fps() const { return fps_; }
  [[nodiscard]] Timestamp time_of_tick(int64_t tick) const { return zero_ + Duration::micros(tick_us(tick)); }
  [[nodiscard]] WallTime wall_of_tick(int64_t tick) const { return start_ + Duration::micros(tick_us(tick)); }
  [[nodiscard]] WallTime wall_at(Timestamp t) const { return start_ + (t - zero_); }
  // First tick at or after `t`.
  [[nodiscard]] int64_t tick_from(Timestamp t) const {
    const int64_t us = (t - zero_).us();
    return (us * fps_ + 999'999) / 1'000'000;
  }
  // 90 kHz time of a tick: tfdt and RTP both count it.
  [[nodiscard]] int64_t video_time(int64_t tick) const { return tick * 90'000 / fps_; }

  [[nodiscard]] Timestamp time_of_sample(int64_t sample) const {
    return zero_ + Duration::micros(sample * 125 / 6);  // 10^6 / 48000
  }
  [[nodiscard]] int64_t sample_at(Timestamp t) const { return (t - zero_).us() * 6 / 125; }
  [[nodiscard]] int64_t video_time_at(Timestamp t) const { return (t - zero_).us() * 9 / 100; }

 private:
  [[nodiscard]] int64_t tick_us(int64_t tick) const { return tick * 1'000'000 / fps_; }

  WallTime start_;
  Timestamp zero_;
  int fps_;
};

}  // namespace footlight::compose
