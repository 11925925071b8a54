#include "compose/programme.h"

#include <gtest/gtest.h>

#include <cmath>

#include "compose/testing_sinks.h"
#include "fmp4/fragment_reader.h"

namespace footlight::compose {
namespace {

using testing::probe;
using testing::Probe;
using testing::RecordingParts;
using testing::RecordingTracks;

state::ComposeDesired test_picture(int width = 320, int height = 180, int fps = 30) {
  state::ComposeDesired d;
  d.generation = 1;
  d.programme = "demo";
  d.epoch = 1;
  d.timeline_start_ms = 1'699'999'990'000;  // ten seconds before ManualClock's wall time
  d.canvas = {width, height, fps};
  d.rendition = {
      .name = "low", .width = width, .height = height, .video_kbps = 300, .max_kbps = 400, .buffer_kbit = 800};
  d.hls = {.publish = true, .stream = "demo", .rendition = "low", .timing = {}};
  d.publish_tracks = {{.kind = "video", .codec = "h264", .ssrc = 1, .payload_type = 96, .clock_rate = 90'000},
                      {.kind = "audio", .codec = "opus", .ssrc = 2, .payload_type = 111, .clock_rate = 48'000}};
  d.inputs = {{.id = "test-picture", .kind = "test", .on_stage = true, .on_stage_order = 1}};
  return d;
}

// A programme on a hand-turned clock with recording sinks.
struct Bench {
  ManualClock clock;
  RecordingParts parts;
  RecordingTracks tracks;
  Feeds feeds{clock};
  Programme programme{clock, parts, tracks};

  void apply(const state::ComposeDesired& d) { programme.apply(d, feeds.apply(d.inputs)); }
  void run(Duration length) {
    const Timestamp end = clock.now() + length;
    while (programme.next_due() <= end) {
      if (programme.next_due() > clock.now()) clock.advance(programme.next_due() - clock.now());
      programme.run(clock.now());
    }
    clock.advance(end - clock.now());
  }
};

TEST(Programme, test_picture_becomes_segments_that_libav_decodes_without_a_gap) {
  Bench b;
  b.apply(test_picture());
  b.run(Duration::seconds(7));
  b.programme.finish();

  ASSERT_EQ(b.parts.inits.size(), 1U);
  const Probe p = probe(b.parts.file());
  EXPECT_EQ(p.errors, 0);
  ASSERT_GE(p.video.size(), 209U);
  EXPECT_EQ(p.pictures.size(), p.video.size());
  for (size_t i = 1; i < p.video.size(); ++i) {
    EXPECT_EQ(p.video[i].dts - p.video[i - 1].dts, 3000) << i;
    EXPECT_EQ(p.video[i].key, i % 60 == 0) << i;
  }
  EXPECT_TRUE(p.video[0].key);
  // Ten seconds into the timeline, and a tick at most.
  EXPECT_NEAR(static_cast<double>(p.video[0].dts), 900'000, 3000);
  for (size_t i = 1; i < p.audio.size(); ++i) EXPECT_EQ(p.audio[i].dts - p.audio[i - 1].dts, 1024) << i;
  EXPECT_NEAR(static_cast<double>(p.audio[0].dts) / 48'000, static_cast<double>(p.video[0].dts) / 90'000, 0.045);
  EXPECT_GT(p.audio.size() * 1024, 48'000U * 68 / 10);
}

TEST(Programme, parts_are_six_pictures_and_segments_ten_parts_that_begin_with_an_idr) {
  Bench b;
  b.apply(test_picture());
  b.run(Duration::seconds(5));
  ASSERT_GE(b.parts.parts.size(), 24U);
  for (size_t i = 0; i < b.parts.parts.size(); ++i) {
    const Part& part = b.parts.parts[i];
    EXPECT_EQ(part.segment, static_cast<int64_t>(i / 10));
    EXPECT_EQ(part.part, static_cast<int>(i % 10));
    EXPECT_EQ(part.last, i % 10 == 9);
    EXPECT_EQ(part.independent, i % 10 == 0);
    EXPECT_EQ(part.duration, Duration::millis(200));
    if (i > 0) {
      EXPECT_EQ(part.date_time - b.parts.parts[i - 1].date_time, Duration::millis(200));
    }
  }
}

TEST(Programme, first_part_leaves_with_its_sixth_picture) {
  Bench b;
  b.apply(test_picture());
  b.run(Duration::millis(205));
  EXPECT_EQ(b.parts.parts.size(), 1U);
}

TEST(Programme, audio_trails_pictures_by_less_than_a_tenth_of_a_second_in_every_part) {
  Bench b;
  b.apply(test_picture());
  b.run(Duration::seconds(3));
  std::string file = b.parts.inits.at(0);
  for (const Part& part : b.parts.parts) {
    file += part.body;
    const Probe p = probe(file);
    const double video_end = static_cast<double>(p.video.back().dts + 3000) / 90'000;
    const double audio_end = p.audio.empty() ? static_cast<double>(p.video.front().dts) / 90'000
                                             : static_cast<double>(p.audio.back().dts + 1024) / 48'000;
    EXPECT_LT(video_end - audio_end, 0.125) << part.segment << "." << part.part;
    EXPECT_GT(video_end - audio_end, -0.01);
  }
}

TEST(Programme, tone_and_beep_are_where_the_picture_clock_says) {
  Bench b;
  b.apply(test_picture());
  b.run(Duration::seconds(4));
  const Probe p = probe(b.parts.file());
  // Loudest 10 ms windows begin at full seconds of wall time, which are full seconds of the timeline.
  std::vector<float> all;
  const int64_t start = p.sound.front().pts;
  for (const auto& s : p.sound) all.insert(all.end(), s.left.begin(), s.left.end());
  std::vector<int64_t> onsets;
  bool loud = false;
  for (size_t i = 0; i + 240 <= all.size(); i += 240) {
    double energy = 0;
    for (size_t k = i; k < i + 240; ++k) energy += static_cast<double>(all[k]) * all[k];
    const bool now_loud = std::sqrt(energy / 240) > 0.08;
    if (now_loud && !loud) onsets.push_back(start + static_cast<int64_t>(i));
    loud = now_loud;
  }
  ASSERT_GE(onsets.size(), 3U);
  for (size_t i = 1; i < onsets.size(); ++i) {
    const int64_t off = onsets[i] % 48'000;
    EXPECT_LT(std::min(off, 48'000 - off), 480) << "a beep begins within 10 ms of its second";
  }
}

TEST(Programme, every_tick_and_every_sample_goes_to_the_tracks_too) {
  Bench b;
  b.apply(test_picture());
  b.run(Duration::seconds(3));
  ASSERT_GE(b.tracks.video.size(), 89U);
  for (size_t i = 1; i < b.tracks.video.size(); ++i)
    EXPECT_EQ(b.tracks.video[i].time - b.tracks.video[i - 1].time, 3000);
  ASSERT_GE(b.tracks.audio.size(), 148U);
  for (size_t i = 1; i < b.tracks.audio.size(); ++i)
    EXPECT_EQ(b.tracks.audio[i].time - b.tracks.audio[i - 1].time, 960);
  // Sound of a moment and its picture carry the same time, but for the Opus look-ahead.
  EXPECT_EQ(b.tracks.last.video_time * 48 / 90, b.tracks.last.audio_time);
}

TEST(Programme, publishing_later_starts_a_segment_at_the_next_tick) {
  Bench b;
  auto d = test_picture();
  d.hls.publish = false;
  b.apply(d);
  b.run(Duration::millis(1515));
  EXPECT_TRUE(b.parts.parts.empty());
  EXPECT_TRUE(b.parts.inits.empty());
  d.hls.publish = true;
  b.apply(d);
  b.run(Duration::millis(240));
  ASSERT_EQ(b.parts.parts.size(), 1U);
  EXPECT_TRUE(b.parts.parts[0].independent);
  d.hls.publish = false;
  b.apply(d);
  EXPECT_EQ(b.parts.ends, 1);
  ASSERT_EQ(b.parts.parts.size(), 2U);
  EXPECT_TRUE(b.parts.parts[1].last);
  EXPECT_LT(b.parts.parts[1].duration, Duration::millis(200));
}

TEST(Programme, too_slow_a_machine_skips_pictures_but_never_time_or_parts) {
  Bench b;
  b.apply(test_picture());
  const Timestamp begin = b.clock.now();
  while (b.clock.now() - begin < Duration::seconds(6)) {
    b.clock.advance(Duration::millis(150));  // a machine that comes round seven times a second
    b.programme.run(b.clock.now());
  }
  b.programme.finish();
  EXPECT_GT(b.programme.figures().skipped_ticks, 50U);
  const Probe p = probe(b.parts.file());
  EXPECT_EQ(p.errors, 0);
  EXPECT_EQ(p.pictures.size(), p.video.size());
  uint64_t expected = 0;
  uint64_t first = 0;
  for (const Part& part : b.parts.parts) {
    const auto fragment = fmp4::read_fragment(as_bytes(part.body));
    ASSERT_TRUE(fragment);
    const fmp4::RunInfo& run = fragment->tracks()[0];
    if (expected == 0) expected = first = run.decode_time;
    EXPECT_EQ(run.decode_time, expected);
    expected += run.duration;
  }
  EXPECT_NEAR(static_cast<double>(expected - first), 6 * 90'000, 2 * 3000);
  for (const Part& part : b.parts.parts)
    if (!part.last) {
      EXPECT_EQ(part.duration, Duration::millis(200));
    }
}

TEST(Programme, a_process_that_slept_for_a_minute_goes_on_where_the_clock_is) {
  Bench b;
  b.apply(test_picture());
  b.run(Duration::seconds(1));
  b.clock.advance(Duration::seconds(60));
  b.run(Duration::seconds(1));
  EXPECT_EQ(b.programme.figures().jumps, 1U);
  ASSERT_EQ(b.parts.inits.size(), 2U);
  const Probe before = probe(b.parts.file(0));
  const Probe after = probe(b.parts.file(1));
  EXPECT_NEAR(static_cast<double>(after.video.front().dts - before.video.front().dts) / 90'000, 61, 0.04);
  EXPECT_LT(b.parts.parts.size(), 14U);
}

TEST(Programme, viewers_key_requests_are_answered_once_a_second_and_leave_the_grid_alone) {
  Bench b;
  b.apply(test_picture());
  for (int i = 0; i < 400; ++i) {
    b.programme.request_key_frame();
    b.run(Duration::millis(10));
  }
  const Probe p = probe(b.parts.file());
  std::vector<int64_t> keys;
  for (size_t i = 0; i < p.video.size(); ++i)
    if (p.video[i].key) keys.push_back(static_cast<int64_t>(i));
  EXPECT_EQ(keys, (std::vector<int64_t>{0, 30, 60, 90}));
}

TEST(Programme, another_canvas_begins_a_new_init_segment_on_a_time_that_goes_on) {
  Bench b;
  auto d = test_picture();
  b.apply(d);
  b.run(Duration::millis(3300));
  d.canvas = {640, 360, 30};
  d.rendition.width = 640;
  d.rendition.height = 360;
  b.apply(d);
  b.run(Duration::millis(1000));
  ASSERT_EQ(b.parts.inits.size(), 2U);
  const Probe first = probe(b.parts.file(0));
  const Probe second = probe(b.parts.file(1));
  ASSERT_FALSE(second.pictures.empty());
  EXPECT_EQ(second.pictures[0].width, 640);
  EXPECT_EQ(second.video.front().dts, first.video.back().dts + first.video.back().duration);
  int64_t segment = -1;
  for (const Part& part : b.parts.parts) {
    EXPECT_GE(part.segment, segment);
    if (part.init == 1 && part.part == 0) EXPECT_TRUE(part.independent);
    segment = part.segment;
  }
}

TEST(Programme, a_second_process_goes_on_where_the_clock_is) {
  auto d = test_picture();
  Bench first;
  first.apply(d);
  first.run(Duration::seconds(2));
  first.programme.finish();
  const Probe before = probe(first.parts.file());

  Bench second;  // its clocks start anew: the same wall time, another monotonic one
  second.clock.advance(Duration::millis(4700));
  d.epoch = 2;
  second.apply(d);
  second.run(Duration::seconds(2));
  second.programme.finish();
  const Probe after = probe(second.parts.file());
  const double gap = static_cast<double>(after.video.front().dts - before.video.front().dts) / 90'000;
  EXPECT_NEAR(gap, 4.7, 0.034);
  EXPECT_EQ((after.video.front().dts - before.video.front().dts) % 3000, 0) << "the same ticks";
}

TEST(Programme, a_timeline_that_begins_in_a_moment_is_waited_for) {
  Bench b;
  auto d = test_picture();
  d.timeline_start_ms = 1'700'000'000'500;
  b.apply(d);
  b.run(Duration::seconds(1));
  const Probe p = probe(b.parts.file());
  ASSERT_FALSE(p.video.empty());
  EXPECT_EQ(p.video.front().dts, 0);
}

TEST(Programme, odd_sizes_and_rates_of_canvas_and_rung_work) {
  struct Shape {
    int canvas_width, canvas_height, width, height, fps;
  };
  for (const Shape& s : {Shape{162, 90, 162, 90, 25}, Shape{1280, 720, 426, 240, 24}, Shape{640, 360, 854, 480, 60},
                         Shape{202, 358, 202, 358, 15}, Shape{320, 240, 320, 240, 1}}) {
    Bench b;
    auto d = test_picture(s.canvas_width, s.canvas_height, s.fps);
    d.rendition.width = s.width;
    d.rendition.height = s.height;
    b.apply(d);
    b.run(Duration::seconds(3));
    b.programme.finish();
    const Probe p = probe(b.parts.file());
    EXPECT_EQ(p.errors, 0);
    ASSERT_FALSE(p.pictures.empty()) << s.width;
    EXPECT_EQ(p.pictures[0].width, s.width);
    EXPECT_EQ(p.pictures[0].height, s.height);
    EXPECT_NEAR(static_cast<double>(p.pictures.size()), 3.0 * s.fps, 1.01);
  }
}

TEST(Programme, an_empty_stage_shows_the_slate_and_is_silent) {
  Bench b;
  auto d = test_picture();
  d.inputs.clear();
  b.apply(d);
  b.run(Duration::seconds(1));
  const Probe p = probe(b.parts.file());
  ASSERT_FALSE(p.pictures.empty());
  const auto& luma = p.pictures.back().luma;
  EXPECT_LT(luma[0], 40) << "dark ground in the corner";
  EXPECT_GT(*std::ranges::max_element(luma), 180) << "warm white words";
  for (const auto& s : p.sound)
    for (float v : s.left) ASSERT_LT(std::abs(v), 1e-3);
}

}  // namespace
}  // namespace footlight::compose
