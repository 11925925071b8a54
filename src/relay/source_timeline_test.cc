// Sources whose RTP time does not go on: what it costs those who watch, and those who come.
#include "relay/source_timeline.h"

#include "relay/test_media.h"

namespace footlight::relay {
namespace {

using test::at;
using test::h264;
using test::kSlice;
using test::kSps;
using test::MediaTest;
using test::Sent;

// A file that its source plays again, or an upstream that hands other sources' times through.
TEST_F(MediaTest, a_timestamp_that_falls_back_for_good_costs_one_key_frame_and_joiners_have_picture_and_sound) {
  Producer& picture = add(media::Codec::kH264);
  Consumer consumer(parameters(), transport, counters);
  consumer.set_track(&track, now);
  int requests = 0;
  uint16_t seq = 10;
  auto play = [&](uint32_t from, int pictures, std::initializer_list<Consumer*> to) {
    for (int i = 0; i < pictures; ++i, now += Duration::millis(33)) {
      const bool asked = picture.take_key_frame_request(now);
      const bool key = asked || seq == 10;
      if (asked) ++requests;
      const uint32_t time = from + 3000u * static_cast<uint32_t>(i);
      receive(picture, seq++, time, h264(key ? kSps : kSlice), false, to);
      receive(picture, seq++, time, h264(kSlice), true, to);
      for (Consumer* c : to) c->tick(now);
    }
  };
  play(2'000'000, 300, {&consumer});
  requests = 0;
  const size_t before = transport.sent.size();
  play(1'100'000, 300, {&consumer});
  EXPECT_EQ(requests, 1);
  ASSERT_GT(transport.sent.size(), before + 580) << "nothing of the new line is missing";
  for (size_t i = 1; i < transport.sent.size(); ++i) {
    ASSERT_EQ(static_cast<uint16_t>(transport.sent[i].seq - transport.sent[i - 1].seq), 1);
    ASSERT_LE(transport.sent[i].time - transport.sent[i - 1].time, 9000u) << "packet " << i;
  }
  picture.request_key_frame(now);
  play(2'000'000, 10, {&consumer});
  transport.sent.clear();
  SendPath path(false);
  Consumer joiner(parameters(), transport, counters, &path);
  joiner.set_track(&track, now);
  ASSERT_FALSE(transport.sent.empty()) << "a picture at once";
  const uint32_t first = transport.sent[0].time;
  play(2'030'000, 60, {&joiner});
  EXPECT_NEAR(last().time - first, 60 * 3000, 6000) << "and at its own pace";
}

TEST_F(MediaTest, sound_whose_timestamp_falls_back_goes_on_at_the_joiners) {
  Producer& sound = add(media::Codec::kOpus);
  uint16_t seq = 10;
  auto play = [&](uint32_t from, std::initializer_list<Consumer*> to) {
    for (uint32_t i = 0; i < 500; ++i, now += Duration::millis(20))
      receive(sound, seq++, from + 960 * i, {0xfc, 1, 2}, false, to);
  };
  play(96'000'000, {});
  play(960, {});
  Consumer joiner(parameters(), transport, counters);
  joiner.set_track(&track, now);
  play(960 + 500 * 960, {&joiner});
  ASSERT_EQ(transport.sent.size(), 500u);
  EXPECT_EQ(last().time - transport.sent[0].time, 499u * 960);
}

// Half a timestamp's cycle (2^31 ticks) is 6.6 h.
TEST_F(MediaTest, a_camera_off_for_seven_hours_comes_back) {
  Producer& producer = add(media::Codec::kH264);
  Consumer consumer(parameters(), transport, counters);
  consumer.set_track(&track, now);
  receive(producer, 10, 1000, h264(kSps), true, {&consumer});
  const Sent before = last();
  now += Duration::seconds(7 * 3600);
  const uint32_t time = 1000 + 90'000u * 7 * 3600;
  receive(producer, 11, time, h264(kSps), true, {&consumer});
  receive(producer, 12, time + 3000, h264(kSlice), true, {&consumer});
  ASSERT_EQ(transport.sent.size(), 3u);
  EXPECT_LT(transport.sent[1].time - before.time, 1u << 31) << "it goes on for the viewer, too";
  EXPECT_EQ(last().time - transport.sent[1].time, 3000u);
  EXPECT_FALSE(producer.take_key_frame_request(now));
  Consumer joiner(parameters(), transport, counters);
  joiner.set_track(&track, now);
  EXPECT_EQ(transport.sent.size(), 5u);
}

}  // namespace
}  // namespace footlight::relay
