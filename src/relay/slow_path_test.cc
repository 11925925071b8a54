// Viewers whose line carries less than the source sends: what they get, and what it costs the others.
#include "relay/test_media.h"

namespace footlight::relay {
namespace {

using test::at;
using test::kSlice;
using test::kSps;
using test::MediaTest;

struct SlowPathTest : MediaTest {
  Producer& producer = add(media::Codec::kH264);
  SendPath path;
  Consumer consumer{parameters(), transport, counters, &path};
  std::map<uint16_t, Timestamp> arrivals;  // by picture
  int requests = 0;
  Duration worst = Duration::zero();    // of a picture, from the source to the line
  Duration longest = Duration::zero();  // without a picture
  Timestamp last_picture{};
  int ms = 0;
  size_t seen = 0;

  explicit SlowPathTest(DataRate line = DataRate::kbps(100))
      : path(false, {.min = DataRate::kbps(50), .start = line, .max = line}) {
    consumer.set_budget(path.target());
    consumer.set_track(&track, now);
    last_picture = now;
  }
  // 1 Mbit/s, a key frame where it is asked for.
  void run(Duration duration) {
    for (const int end = ms + static_cast<int>(duration.ms()); ms < end; ++ms, now += Duration::millis(1)) {
      transport.now = now;
      if (ms % 33 == 0) picture(static_cast<uint16_t>(ms / 33));
      if (ms % 10 == 0) consumer.tick(now);
      for (; seen < transport.sent.size(); ++seen) {
        const auto i = static_cast<uint16_t>(transport.sent[seen].payload[1] << 8 | transport.sent[seen].payload[2]);
        worst = std::max(worst, now - arrivals[i]);
        longest = std::max(longest, now - last_picture);
        last_picture = now;
      }
    }
  }
  void picture(uint16_t i) {
    const bool key = i == 0 || producer.take_key_frame_request(now);
    if (key && i > 0) ++requests;
    for (uint16_t k = 0; k < 4; ++k) {
      std::vector<uint8_t> payload(1000, k == 0 && key ? kSps : kSlice);
      payload[1] = static_cast<uint8_t>(i >> 8);
      payload[2] = static_cast<uint8_t>(i);
      receive(producer, static_cast<uint16_t>(4 * i + k), 3000u * i, payload, k == 3, {&consumer});
    }
    arrivals[i] = now;
  }
};

struct WiderPathTest : SlowPathTest {
  WiderPathTest() : SlowPathTest(DataRate::kbps(300)) {}
};

TEST_F(WiderPathTest, a_path_too_slow_for_the_source_gets_fewer_pictures_and_never_a_growing_delay) {
  run(Duration::seconds(30));
  EXPECT_GE(counters.skips, 2u);
  EXPECT_LT(worst.ms(), 500);
  EXPECT_LE(requests, 11) << "key frames for one slow viewer cost all others";
  EXPECT_GT(transport.sent.size(), 150u);
  for (size_t i = 1; i < transport.sent.size(); ++i)
    ASSERT_EQ(static_cast<uint16_t>(transport.sent[i].seq - transport.sent[i - 1].seq), 1);
}

TEST_F(SlowPathTest, a_path_that_hardly_carries_a_voice_gets_a_picture_each_three_seconds_and_no_burst) {
  run(Duration::seconds(30));
  EXPECT_GE(transport.sent.size(), 4u * 10);
  EXPECT_LT(worst.ms(), 500);
  size_t burst = 0;
  for (size_t i = 0, j = 0; i < transport.sent.size(); ++i) {
    while (transport.sent[i].at - transport.sent[j].at > Duration::seconds(1)) ++j;
    burst = std::max(burst, i + 1 - j);
  }
  EXPECT_LE(burst, 14u) << "more than a second of the line in one";
}

TEST_F(SlowPathTest, a_path_that_never_carries_the_source_asks_less_and_less_often) {
  run(Duration::seconds(60));
  const int before = requests;
  run(Duration::seconds(240));
  EXPECT_LE(requests - before, 10) << "240 / 3 were asked for";
  EXPECT_GE(requests - before, 6) << "it still gets a picture now and then";
  EXPECT_LT(longest.ms(), 31'000);
}

TEST_F(SlowPathTest, key_frames_that_come_anyway_are_pictures_for_a_slow_path) {
  run(Duration::seconds(60));
  longest = Duration::zero();
  last_picture = now;
  const int before = requests;
  for (int i = 0; i < 20; ++i) {
    producer.request_key_frame(now);
    run(Duration::seconds(3));
  }
  EXPECT_LT(longest.ms(), 3500);
  EXPECT_LE(requests - before, 21);
}

TEST(KeyFrameGovernor, a_path_that_was_slow_for_a_while_is_asked_for_as_at_first_after_a_quiet_time) {
  KeyFrameGovernor governor;
  std::optional<Timestamp> key = at(0);
  auto slow = [&](int64_t from, int64_t to) {
    int asked = 0;
    for (int64_t ms = from; ms < to; ms += 10) {
      governor.request_for_slow(key, at(ms));
      if (!governor.take_due(at(ms))) continue;
      ++asked;
      governor.on_key_frame();
      key = at(ms);
    }
    return asked;
  };
  EXPECT_EQ(slow(0, 29'000), 9);
  EXPECT_LE(slow(29'000, 120'000), 5);
  EXPECT_EQ(slow(131'000, 140'000), 3);
}

TEST_F(MediaTest, a_wish_for_a_layer_that_has_stopped_lapses_until_somebody_waits_again) {
  Producer& producer = add(media::Codec::kH264);
  receive(producer, 1, 0, test::h264(kSlice), true);
  producer.request_key_frame(now);
  auto asked = [&](Duration duration) {
    int count = 0;
    for (const Timestamp end = now + duration; now < end; now += Duration::millis(10))
      count += producer.take_key_frame_request(now) ? 1 : 0;
    return count;
  };
  EXPECT_EQ(asked(Duration::seconds(60)), 3) << "at once, after 0.5 and after 1.5 s";
  producer.request_key_frame(now);
  EXPECT_EQ(asked(Duration::seconds(1)), 1);
}

TEST_F(MediaTest, a_source_that_sends_nothing_is_asked_ever_more_rarely_and_at_once_when_it_sends_again) {
  Producer& producer = add(media::Codec::kH264);
  receive(producer, 1, 0, test::h264(kSlice), true);
  auto asked = [&](Duration duration) {
    int count = 0;
    for (const Timestamp end = now + duration; now < end; now += Duration::millis(10)) {
      producer.request_key_frame(now);  // somebody waits all the time
      count += producer.take_key_frame_request(now) ? 1 : 0;
    }
    return count;
  };
  const int first = asked(Duration::seconds(40));
  EXPECT_LE(first, 14) << "80 half seconds";
  EXPECT_GE(first, 8);
  now += Duration::millis(500);
  receive(producer, 2, 90'000, test::h264(kSlice), true);
  EXPECT_EQ(asked(Duration::millis(100)), 1);
}

}  // namespace
}  // namespace footlight::relay
