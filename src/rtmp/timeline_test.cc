#include "rtmp/timeline.h"

#include <gtest/gtest.h>

namespace footlight::rtmp {
namespace {

using Track = Timeline::Track;

struct Placed {
  Timeline timeline;
  Timestamp now = Timestamp::millis(5000);
  int64_t video(uint32_t ms) { return timeline.place(Track::kVideo, ms, now).ms(); }
  int64_t audio(uint32_t ms) { return timeline.place(Track::kAudio, ms, now).ms(); }
  void pass(int64_t ms) { now += Duration::millis(ms); }
};

TEST(Timeline, begins_at_zero_and_keeps_both_tracks_on_one_line) {
  Placed p;
  EXPECT_EQ(p.video(7'000'000), 0);
  EXPECT_EQ(p.audio(7'000'010), 10);
  EXPECT_EQ(p.video(7'000'040), 40);
  EXPECT_EQ(p.audio(7'000'033), 33);
  EXPECT_EQ(p.timeline.discontinuities(), 0U);
}

TEST(Timeline, a_wrap_after_49_days_is_a_small_step) {
  Placed p;
  p.video(0xfffffff0);
  p.audio(0xfffffff5);
  EXPECT_EQ(p.video(16), 32);
  EXPECT_EQ(p.audio(21), 37);
  EXPECT_EQ(p.timeline.discontinuities(), 0U);
}

TEST(Timeline, an_encoder_that_restarts_at_zero_goes_on_by_the_time_that_passed) {
  Placed p;
  p.video(60'000);
  p.audio(60'005);
  p.pass(500);
  EXPECT_EQ(p.video(0), 505);
  EXPECT_EQ(p.audio(5), 510) << "lip sync holds: the second track stands on the first one's new line";
  EXPECT_EQ(p.video(40), 545);
  EXPECT_EQ(p.timeline.discontinuities(), 2U);
}

TEST(Timeline, a_straggler_of_the_other_track_stays_on_the_old_line) {
  Placed p;
  p.video(60'000);
  p.audio(60'000);
  p.pass(40);
  EXPECT_EQ(p.video(0), 40);
  EXPECT_EQ(p.audio(60'023), 23);
  EXPECT_EQ(p.audio(10), 50);
}

TEST(Timeline, a_jump_forward_by_an_hour_is_bridged) {
  Placed p;
  p.video(1000);
  p.pass(40);
  EXPECT_EQ(p.video(3'601'000), 40);
  EXPECT_EQ(p.video(3'601'040), 80);
}

TEST(Timeline, small_steps_back_stand_still) {
  Placed p;
  p.audio(1000);
  EXPECT_EQ(p.audio(1040), 40);
  EXPECT_EQ(p.audio(1020), 40);
  EXPECT_EQ(p.audio(1080), 80);
  EXPECT_EQ(p.timeline.discontinuities(), 0U);
}

TEST(Timeline, pictures_never_share_a_time) {
  Placed p;
  p.video(1000);
  EXPECT_EQ(p.video(1040), 40);
  EXPECT_EQ(p.video(1020), 41);
  EXPECT_EQ(p.video(1040), 42);
  EXPECT_EQ(p.video(1040), 43);
  EXPECT_EQ(p.video(1080), 80);
  EXPECT_EQ(p.timeline.discontinuities(), 0U);
}

TEST(Timeline, a_step_back_of_a_second_goes_on_by_the_time_that_passed) {
  Placed p;
  p.video(10'000);
  p.audio(10'005);
  int64_t last = 5;
  for (int i = 0; i < 24; ++i) {
    p.pass(40);
    int64_t now = p.video(9080 + static_cast<uint32_t>(i) * 40);
    EXPECT_NEAR(static_cast<double>(now - last), 40, 5) << i;
    EXPECT_EQ(p.audio(9085 + static_cast<uint32_t>(i) * 40), now + 5);
    last = now;
  }
  EXPECT_EQ(p.timeline.discontinuities(), 2U);
}

TEST(Timeline, a_long_pause_of_one_track_stays_on_the_line_of_the_other) {
  Placed p;
  p.video(0);
  for (uint32_t at = 0; at < 60'000; at += 20) {
    p.pass(at % 40 == 0 ? 22 : 19);  // the encoder's clock is not ours
    EXPECT_EQ(p.audio(at), at);
    if (at % 15'000 == 0 && at > 0) EXPECT_EQ(p.video(at), at);
  }
  EXPECT_EQ(p.timeline.discontinuities(), 0U);
}

TEST(Timeline, never_goes_back_whatever_comes) {
  Placed p;
  uint32_t seed = 1;
  int64_t last_video = 0, last_audio = 0;
  for (int i = 0; i < 20'000; ++i) {
    seed = seed * 1664525 + 1013904223;
    p.pass(seed % 50);
    int64_t v = p.video(seed), a = p.audio(seed >> 7);
    ASSERT_GE(v, last_video);
    ASSERT_GE(a, last_audio);
    last_video = v;
    last_audio = a;
  }
  EXPECT_LE(last_video, 20'000 * 50 * 1000LL) << "nor far ahead of the time that passed";
}

}  // namespace
}  // namespace footlight::rtmp
