// Sound that is left out so that a delay that is not needed any more goes.
#include "compose/splice.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "compose/feed_clock.h"
#include "compose/opus_decoder.h"
#include "compose/opus_encoder.h"
#include "compose/speech_buffer.h"

namespace footlight::compose {
namespace {

std::vector<float> sound(int samples, auto&& at) {
  std::vector<float> out;
  for (int i = 0; i < samples; ++i) {
    const auto v = static_cast<float>(at(i));
    out.insert(out.end(), {v, v});
  }
  return out;
}

double tone(double hertz, double i) { return 0.4 * std::sin(2 * M_PI * hertz * i / 48'000); }

constexpr int kEnough = Splice::kLongest + Splice::kWindow;

TEST(Splice, whole_periods_of_a_tone_go) {
  for (const double hertz : {80.0, 220.0, 997.0, 1500.0}) {
    const int lag = Splice::find(sound(kEnough, [&](int i) { return tone(hertz, i); }), Splice::kLongest);
    ASSERT_GE(lag, Splice::kShortest) << hertz;
    const double periods = lag * hertz / 48'000;
    EXPECT_NEAR(periods, std::round(periods), 0.02) << hertz;
  }
}

TEST(Splice, whole_periods_of_a_voice_go) {
  // A glottal pulse of 130 Hz through two resonances, near enough to a vowel.
  std::vector<double> voice(static_cast<size_t>(kEnough));
  for (size_t i = 0; i < voice.size(); ++i)
    for (double hertz = 130; hertz < 4000; hertz += 130)
      voice[i] += tone(hertz, static_cast<double>(i)) / (1 + std::pow((hertz - 600) / 300, 2));
  const int lag = Splice::find(sound(kEnough, [&](int i) { return voice[static_cast<size_t>(i)]; }), Splice::kLongest);
  EXPECT_NEAR(lag, 48'000 / 130.0, 2);
}

TEST(Splice, a_pause_goes_as_long_as_it_is_wanted) {
  EXPECT_EQ(Splice::find(sound(kEnough, [](int) { return 0; }), 500), 500);
  EXPECT_EQ(Splice::find(sound(kEnough, [](int i) { return i % 2 ? 0.001 : -0.001; }), 480), 480);
}

TEST(Splice, sound_that_never_repeats_stays_whole) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> noise(-0.5, 0.5);
  EXPECT_EQ(Splice::find(sound(kEnough, [&](int) { return noise(random); }), Splice::kLongest), 0);
  EXPECT_EQ(Splice::find(sound(kEnough, [](int i) { return tone(400 + i, i); }), Splice::kLongest), 0) << "a chirp";
}

// One side wired the wrong way round, and what only bats hear.
TEST(Splice, loud_sound_that_a_sum_of_both_sides_lacks_is_no_pause) {
  std::mt19937 random(3);
  std::uniform_real_distribution<float> noise(-0.5, 0.5);
  std::vector<float> inverted;
  for (int i = 0; i < kEnough; ++i) {
    const float v = noise(random);
    inverted.insert(inverted.end(), {v, -v});
  }
  EXPECT_EQ(Splice::find(inverted, Splice::kLongest), 0);
  std::vector<double> hiss(static_cast<size_t>(kEnough));
  for (int k = 0; k < 200; ++k) {
    const double hertz = 9000 + 5000 * static_cast<double>(noise(random) + 0.5F);
    for (size_t i = 0; i < hiss.size(); ++i) hiss[i] += tone(hertz, static_cast<double>(i) + 1000.0 * k) / 100;
  }
  EXPECT_EQ(Splice::find(sound(kEnough, [&](int i) { return hiss[static_cast<size_t>(i)]; }), Splice::kLongest), 0);
}

TEST(Splice, an_offset_or_a_rumble_makes_nothing_alike) {
  std::mt19937 random(3);
  std::uniform_real_distribution<double> noise(-0.05, 0.05);
  EXPECT_EQ(Splice::find(sound(kEnough, [&](int) { return 0.2 + noise(random); }), Splice::kLongest), 0);
  EXPECT_EQ(Splice::find(sound(kEnough, [](int i) { return tone(20, i) + 0.1 * tone(400 + i, i); }), Splice::kLongest),
            0);
}

TEST(Splice, nothing_shorter_than_a_period_of_a_high_voice_is_worth_a_fade) {
  EXPECT_EQ(Splice::find(sound(kEnough, [](int) { return 0; }), Splice::kShortest - 1), 0);
}

// A tone by Opus, all of it ahead of the reading place, shortened while it is read.
TEST(Splice, a_shortened_tone_has_no_break) {
  SpeechBuffer buffer(std::make_unique<OpusUnpacker>());
  OpusPacker packer;
  for (int p = 0; p < 60; ++p)
    buffer.insert(48'000 + 960 * p, packer.encode(sound(960, [&](int i) { return tone(440, 960 * p + i); })));
  double position = 48'000 + 4800;
  std::vector<float> out(1920);
  std::vector<float> heard;
  int left_out = 0;
  for (int block = 0; block < 40; ++block) {
    if (block > 5 && block % 5 == 0) {
      const int by = buffer.shorten(700);
      EXPECT_GE(by, Splice::kShortest) << block;
      left_out += by;
      position += by;
    }
    EXPECT_TRUE(buffer.pull(position, 0, out));
    position += 960;
    heard.insert(heard.end(), out.begin(), out.end());
  }
  EXPECT_EQ(buffer.counters().shortened, static_cast<uint64_t>(left_out));
  EXPECT_EQ(buffer.counters().jumps, 1U);
  EXPECT_EQ(buffer.counters().concealed, 0U);
  // A sine's second difference is at most its amplitude times the square of its angle a sample; a click's is not.
  const double smooth = 0.4 * std::pow(2 * M_PI * 440 / 48'000, 2);
  for (size_t i = 2 * 4800; i + 4 < heard.size(); i += 2)
    ASSERT_LT(std::abs(heard[i] - 2 * heard[i + 2] + heard[i + 4]), 2 * smooth) << "sample " << i / 2;
}

TEST(Splice, a_buffer_without_what_follows_is_not_shortened) {
  SpeechBuffer buffer(std::make_unique<OpusUnpacker>());
  OpusPacker packer;
  std::vector<float> out(1920);
  EXPECT_EQ(buffer.shorten(700), 0);
  buffer.insert(48'000, packer.encode(std::vector<float>(1920)));
  buffer.insert(48'960, packer.encode(std::vector<float>(1920)));
  EXPECT_TRUE(buffer.pull(48'000, 0, out));
  EXPECT_EQ(buffer.shorten(700), 0) << "20 ms are here, 24.6 are asked of it";
  buffer.insert(50'880, packer.encode(std::vector<float>(1920)));
  EXPECT_EQ(buffer.shorten(700), 0) << "behind a hole";
  buffer.insert(49'920, packer.encode(std::vector<float>(1920)));
  EXPECT_EQ(buffer.shorten(700), 700);
  EXPECT_EQ(buffer.shorten(700), 0) << "once until it is read";
}

// It would be made up, and the packet that comes in time dropped as late.
TEST(Splice, what_the_next_block_needs_is_not_left_out) {
  SpeechBuffer buffer(std::make_unique<OpusUnpacker>());
  OpusPacker packer;
  std::vector<float> out(1920);
  const auto packet = [&](int64_t i) { buffer.insert(48'000 + 960 * i, packer.encode(std::vector<float>(1920))); };
  for (int64_t i = 0; i < 3; ++i) packet(i);
  EXPECT_TRUE(buffer.pull(48'300, 0, out));
  const int by = buffer.shorten(700);
  packet(3);
  EXPECT_TRUE(buffer.pull(48'300 + 960 + by, 0, out));
  EXPECT_EQ(buffer.counters().concealed, 0U);
  EXPECT_EQ(buffer.counters().late, 0U);
}

// Sound each 20 ms for a minute, of which from the third second on each `every` all that should come within `held`
// comes at once: how many packets come later than they are played, while that is new and after the thirteenth second.
struct LatePackets {
  int while_new = 0, known = 0;
};
LatePackets late_with_stalls(int64_t every, int64_t held, FeedClock& clock) {
  LatePackets late;
  for (int64_t i = 0; i < 3000; ++i) {
    const int64_t into = 20 * i % every;
    const Timestamp now = Timestamp::millis(1'000'000 + 20 * i + (i > 100 && into < held ? held - into : 0));
    clock.on_arrival(media::Kind::kAudio, i * 960, now);
    if (clock.playout(media::Kind::kAudio, i * 960) < now) ++(i < 650 ? late.while_new : late.known);
    clock.on_ready(media::Kind::kAudio, i * 960, now);
    clock.update(now);
  }
  return late;
}

// Key frames before the sound on one connection, a radio that looks for other stations.
TEST(FeedClock, a_stall_that_comes_again_and_again_is_paid_for) {
  for (const int64_t every : {1020, 1500, 2000, 3000, 4000}) {
    FeedClock clock(48'000, 90'000);
    const LatePackets late = late_with_stalls(every, 160, clock);
    EXPECT_LE(late.while_new, 5 * 8 + 6) << every << ": the first five, and the very first packet of others";
    EXPECT_LE(late.known, 48'000 / every) << every << ": the very first packet of each";
    EXPECT_GT(clock.delay(), Duration::millis(130)) << every;
  }
}

// A browser that starts beside it: for two and a half seconds hardly anything is in time, and then all is.
TEST(FeedClock, what_lasted_a_few_seconds_is_forgotten_in_a_few) {
  FeedClock clock(48'000, 90'000);
  Timestamp now;
  Duration highest;
  int64_t forgotten = 0;
  for (int64_t i = 0; i < 1000; ++i) {
    const int64_t at = 20 * i;
    const int64_t into = at % 300;
    now = Timestamp::millis(1'000'000 + at + (at >= 5000 && at < 7500 && into < 200 ? 200 - into : 0));
    clock.on_arrival(media::Kind::kAudio, i * 960, now);
    clock.on_ready(media::Kind::kAudio, i * 960, now);
    clock.update(now);
    highest = std::max(highest, clock.delay());
    if (forgotten == 0 && at > 7500 && clock.delay() - clock.excess() < Duration::millis(40)) forgotten = at - 7500;
  }
  EXPECT_GT(highest, Duration::millis(180)) << "it is heard without holes meanwhile";
  EXPECT_GT(forgotten, 1000);
  EXPECT_LE(forgotten, 4000);
}

// Browsers that start beside it, a disk that is slow once.
TEST(FeedClock, one_stall_is_one_moment_however_much_it_held_up) {
  FeedClock clock(48'000, 90'000);
  for (int64_t i = 0; i < 500; ++i) {
    // From 4 s on nothing comes for 240 ms, then all of it within a few milliseconds.
    const Duration late =
        i >= 200 && i < 212 ? Duration::millis(240 - 20 * (i - 200) + (i - 200) / 2) : Duration::zero();
    const Timestamp now = Timestamp::millis(1'000'000 + 20 * i) + late;
    clock.on_arrival(media::Kind::kAudio, i * 960, now);
    clock.on_ready(media::Kind::kAudio, i * 960, now);
    clock.update(now);
    ASSERT_LE(clock.delay(), FeedClock::kStartDelay) << i;
  }
}

}  // namespace
}  // namespace footlight::compose
