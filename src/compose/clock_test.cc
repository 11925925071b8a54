// Clocks: track_clock, feed_clock, timeline; and the sound that is read by them.
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "compose/feed_clock.h"
#include "compose/opus_decoder.h"
#include "compose/opus_encoder.h"
#include "compose/resampler.h"
#include "compose/speech_buffer.h"
#include "compose/timeline.h"
#include "compose/track_clock.h"

namespace footlight::compose {
namespace {

constexpr Timestamp kStart = Timestamp::millis(5'000'000);

TEST(Timeline, ticks_and_samples_count_from_its_start) {
  const Timeline t(WallTime::millis(1'000'000), 30, WallTime::millis(1'010'000), kStart);
  EXPECT_EQ(t.tick_from(kStart), 300);
  EXPECT_EQ(t.time_of_tick(300), kStart);
  EXPECT_EQ(t.tick_from(kStart + Duration::micros(1)), 301);
  EXPECT_EQ(t.video_time(300), 900'000);
  EXPECT_EQ(t.sample_at(kStart), 480'000);
  EXPECT_EQ(t.time_of_sample(480'000), kStart);
  EXPECT_EQ(t.wall_of_tick(300), WallTime::millis(1'010'000));
}

TEST(Timeline, eight_years_of_ticks_are_exact) {
  const Timeline t(WallTime::millis(0), 30, WallTime::millis(250'000'000'000), kStart);
  const int64_t tick = t.tick_from(kStart);
  EXPECT_EQ(tick, 7'500'000'000);
  EXPECT_EQ(t.time_of_tick(tick), kStart);
  EXPECT_EQ(t.video_time(tick), 22'500'000'000'000);
  EXPECT_EQ(t.time_of_sample(t.sample_at(kStart)), kStart);
}

// Packets of 20 ms from a sender whose clock is off by `ppm`, each late by a random part of `jitter`.
struct Sender {
  double ppm;
  Duration jitter;
  std::mt19937 random{3};
  Timestamp start = kStart;
  [[nodiscard]] Timestamp best(int64_t packet) const {
    return start + Duration::seconds_f(static_cast<double>(packet) * 0.02 / (1 + ppm * 1e-6));
  }
  Timestamp arrival(int64_t packet) {
    return best(packet) + Duration::micros(static_cast<int64_t>(random() % static_cast<uint32_t>(jitter.us() + 1)));
  }
};

TEST(TrackClock, hours_of_skewed_and_jittered_sound_stay_within_ten_milliseconds) {
  for (const double ppm : {-200.0, -35.0, 0.0, 200.0}) {
    Sender sender{ppm, Duration::millis(30)};
    TrackClock clock(48'000);
    double worst = 0;
    for (int64_t i = 0; i < 2 * 3600 * 50; ++i) {  // two hours
      clock.on_arrival(i * 960, sender.arrival(i));
      if (i < 50 * 30) continue;
      worst = std::max(worst, std::abs((clock.best_arrival(i * 960) - sender.best(i)).seconds()));
    }
    EXPECT_LT(worst, 0.010) << ppm;
    EXPECT_NEAR(clock.skew() * 1e6, ppm, 40) << ppm;
  }
}

TEST(TrackClock, first_packet_is_enough_to_begin_and_better_ones_mend_it_at_once) {
  TrackClock clock(48'000);
  EXPECT_FALSE(clock.known());
  clock.on_arrival(1000, kStart + Duration::millis(90));  // this one was late by 90 ms
  EXPECT_EQ(clock.best_arrival(1000), kStart + Duration::millis(90));
  clock.on_arrival(1960, kStart + Duration::millis(20));
  EXPECT_EQ(clock.best_arrival(1000), kStart);
  EXPECT_NEAR(clock.rtp_time_at(kStart + Duration::millis(20)), 1960, 1);
}

TEST(TrackClock, a_senders_new_time_base_begins_again) {
  TrackClock clock(90'000);
  for (int i = 0; i < 300; ++i) clock.on_arrival(i * 3000, kStart + Duration::micros(i * 33'333));
  const Timestamp later = kStart + Duration::seconds(10);
  clock.on_arrival(90'000'000, later);
  EXPECT_EQ(clock.best_arrival(90'000'000), later);
}

TEST(TrackClock, a_slower_path_is_learnt_within_its_window) {
  TrackClock clock(48'000);
  Duration extra;
  Timestamp now = kStart;
  for (int64_t i = 0; i < 50 * 30; ++i) {
    if (i == 50 * 15) extra = Duration::millis(300);
    now = kStart + Duration::millis(20 * i) + extra;
    clock.on_arrival(i * 960, now);
  }
  EXPECT_NEAR((clock.best_arrival((50 * 30 - 1) * 960) - now).seconds(), 0, 0.01);
}

TEST(FeedClock, sender_reports_hold_the_faster_track_back_for_the_slower_one) {
  FeedClock clock(48'000, 90'000);
  for (int i = 0; i < 200; ++i) {
    const Timestamp t = kStart + Duration::millis(20 * i);
    clock.on_arrival(media::Kind::kAudio, i * 960, t + Duration::millis(10));
    clock.on_ready(media::Kind::kAudio, i * 960, t + Duration::millis(10));
    clock.on_arrival(media::Kind::kVideo, i * 1800, t + Duration::millis(90));  // 80 ms behind the sound
    clock.on_ready(media::Kind::kVideo, i * 1800, t + Duration::millis(94));
    if (i % 50 == 0) {
      clock.on_sender_report(media::Kind::kAudio, i * 960, 1'000'000'000 + i * 20'000, t);
      clock.on_sender_report(media::Kind::kVideo, i * 1800, 1'000'000'000 + i * 20'000, t);
    }
  }
  const Duration apart = clock.playout(media::Kind::kAudio, 9600) - clock.playout(media::Kind::kVideo, 18'000);
  EXPECT_LT(std::abs(apart.ms()), 4);
}

TEST(FeedClock, delay_grows_at_once_with_lateness_and_shrinks_slowly) {
  FeedClock clock(48'000, 90'000);
  Timestamp now = kStart;
  const auto run = [&](int packets, int jitter_ms) {
    static std::mt19937 random(1);
    static int64_t i = 0;
    for (int n = 0; n < packets; ++n, ++i) {
      now = kStart + Duration::millis(20 * i) +
            Duration::millis(jitter_ms > 0 ? random() % static_cast<unsigned>(jitter_ms) : 0);
      clock.on_arrival(media::Kind::kAudio, i * 960, now);
      clock.on_ready(media::Kind::kAudio, i * 960, now);
      clock.update(now);
    }
  };
  run(500, 0);
  EXPECT_LE(clock.delay(), FeedClock::kStartDelay);
  run(250, 120);
  EXPECT_GT(clock.delay(), Duration::millis(110));
  EXPECT_LT(clock.delay(), Duration::millis(130));
  run(50 * 20, 0);
  EXPECT_GT(clock.delay(), Duration::millis(80)) << "2 ms a second";
  run(50 * 60, 0);
  EXPECT_EQ(clock.delay(), FeedClock::kMinDelay);
}

TEST(FeedClock, one_spike_a_second_costs_nobody_anything_and_the_bound_holds) {
  FeedClock clock(48'000, 90'000);
  for (int64_t i = 0; i < 1000; ++i) {
    const Timestamp now = kStart + Duration::millis(20 * i + (i % 50 == 7 ? 250 : 0));
    clock.on_arrival(media::Kind::kAudio, i * 960, now);
    clock.on_ready(media::Kind::kAudio, i * 960, now);
    clock.update(now);
  }
  EXPECT_LE(clock.delay(), FeedClock::kStartDelay);
  for (int64_t i = 1000; i < 2000; ++i) {
    const Timestamp now = kStart + Duration::millis(20 * i + (i % 3 == 0 ? 900 : 0));
    clock.on_arrival(media::Kind::kAudio, i * 960, now);
    clock.on_ready(media::Kind::kAudio, i * 960, now);
    clock.update(now);
  }
  EXPECT_EQ(clock.delay(), FeedClock::kMaxDelay);
}

TEST(Resampler, a_sine_read_a_little_faster_keeps_its_shape) {
  std::vector<float> in(2 * 48'000);
  for (size_t i = 0; i < 48'000; ++i)
    in[2 * i] = in[2 * i + 1] = static_cast<float>(std::sin(2 * M_PI * 997 * static_cast<double>(i) / 48'000));
  std::vector<float> out(2 * 40'000);
  const double step = 1.0002;
  Resampler::read(in, 100.37, step, out);
  double error = 0;
  for (size_t i = 0; i < 40'000; ++i) {
    const double want = std::sin(2 * M_PI * 997 * (100.37 + step * static_cast<double>(i)) / 48'000);
    error = std::max(error, std::abs(want - static_cast<double>(out[2 * i])));
    ASSERT_EQ(out[2 * i], out[2 * i + 1]);
  }
  EXPECT_LT(error, 0.002) << "-54 dB";
}

// A presenter's 440 Hz by Opus for `seconds`, read by a listener whose clock runs apart; the phase of what is heard
// must follow the phase of what was captured.
double worst_phase_error_ms(double ppm, int seconds, double loss) {
  Sender sender{ppm, Duration::millis(10)};
  OpusPacker packer;
  SpeechBuffer buffer(std::make_unique<OpusUnpacker>());
  FeedClock clock(48'000, 90'000);
  std::mt19937 random(4);
  std::vector<float> pcm(1920);
  std::vector<float> out(1920);
  int64_t packet = 0;
  int64_t block = 0;
  double worst = 0;
  std::multimap<Timestamp, std::pair<int64_t, std::vector<uint8_t>>> flight;
  for (Timestamp now = kStart; now < kStart + Duration::seconds(seconds); now += Duration::millis(5)) {
    while (sender.best(packet) <= now) {
      for (int64_t i = 0; i < 960; ++i)
        pcm[static_cast<size_t>(2 * i)] = pcm[static_cast<size_t>(2 * i + 1)] =
            static_cast<float>(0.4 * std::sin(2 * M_PI * 50 * static_cast<double>(packet * 960 + i) / 48'000));
      auto coded = packer.encode(pcm);
      if (static_cast<double>(random() % 1000) >= loss * 1000)
        flight.emplace(sender.arrival(packet), std::pair(packet * 960 - packer.lookahead() + 48'000, std::move(coded)));
      ++packet;
    }
    while (!flight.empty() && flight.begin()->first <= now) {
      const auto [time, coded] = flight.begin()->second;
      clock.on_arrival(media::Kind::kAudio, time, flight.begin()->first);
      clock.on_ready(media::Kind::kAudio, time, flight.begin()->first);
      clock.update(now);
      buffer.insert(time, coded);
      flight.erase(flight.begin());
    }
    while (kStart + Duration::millis(20 * (block + 1)) <= now) {
      const Timestamp from = kStart + Duration::millis(20 * block++);
      if (!clock.known(media::Kind::kAudio)) continue;
      buffer.pull(clock.rtp_time_playing_at(media::Kind::kAudio, from), clock.skew(media::Kind::kAudio), out);
      if (block < 50 * 30) continue;
      // Phase of 50 Hz over the block (one period) against what should play: the sender's sample at this moment.
      double re = 0;
      double im = 0;
      for (int64_t i = 0; i < 960; ++i) {
        const double w = 2 * M_PI * 50 * static_cast<double>(i) / 48'000;
        re += static_cast<double>(out[static_cast<size_t>(2 * i)]) * std::sin(w);
        im += static_cast<double>(out[static_cast<size_t>(2 * i)]) * std::cos(w);
      }
      if (std::hypot(re, im) < 100) continue;  // a hole
      const double heard = std::atan2(im, re) / (2 * M_PI);
      const double captured =
          (from - clock.delay() - kStart).seconds() * (1 + ppm * 1e-6) * 50;  // periods since the start
      const double off = std::remainder(heard - captured, 1.0);
      worst = std::max(worst, std::abs(off) * 20);
    }
  }
  return worst;
}

TEST(SpeechBuffer, a_skewed_clock_is_heard_where_it_belongs) {
  for (const double ppm : {-200.0, 200.0}) EXPECT_LT(worst_phase_error_ms(ppm, 100, 0), 9) << ppm;
}

TEST(SpeechBuffer, loss_moves_nothing) { EXPECT_LT(worst_phase_error_ms(60, 60, 0.05), 9); }

TEST(SpeechBuffer, without_packets_it_is_silent_and_stays_small) {
  SpeechBuffer buffer(std::make_unique<OpusUnpacker>());
  std::vector<float> out(1920, 1.0F);
  EXPECT_FALSE(buffer.pull(1000, 0, out));
  for (float v : out) EXPECT_EQ(v, 0);
  // One packet, then nothing for a minute: concealed, faded, silent.
  OpusPacker packer;
  buffer.insert(48'000, packer.encode(std::vector<float>(1920, 0.1F)));
  bool sound = true;
  for (int i = 0; i < 3000; ++i) sound = buffer.pull(48'000 + i * 960, 0, out);
  EXPECT_FALSE(sound);
  EXPECT_LE(buffer.counters().concealed, 5760U + 480U);
}

TEST(SpeechBuffer, a_flood_of_packets_from_the_future_is_bounded) {
  SpeechBuffer buffer(std::make_unique<OpusUnpacker>());
  OpusPacker packer;
  const auto packet = packer.encode(std::vector<float>(1920, 0.1F));
  std::vector<float> out(1920);
  for (int64_t i = 0; i < 5000; ++i) buffer.insert(i * 960, packet);
  EXPECT_TRUE(buffer.pull(4950 * 960, 0, out));
  const std::vector<uint8_t> damaged(300, 0xff);
  for (int64_t i = 5000; i < 5100; ++i) buffer.insert(i * 960, damaged);
  for (int64_t i = 4951; i < 5100; ++i) buffer.pull(static_cast<double>(i * 960), 0, out);
}

}  // namespace
}  // namespace footlight::compose
