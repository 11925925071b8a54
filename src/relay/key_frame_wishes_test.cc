// Wishes for a key frame that was on its way already when they were made.
#include "relay/key_frame_governor.h"
#include "relay/mirror_feed.h"
#include "relay/test_media.h"

namespace footlight::relay {
namespace {

using test::h264;
using test::kSlice;
using test::kSps;
using test::MediaTest;

// Browsers ask again every 200 ms until they show something.
TEST_F(MediaTest, who_asks_while_the_key_frame_is_being_sent_to_him_costs_the_source_nothing) {
  Producer& picture = add(media::Codec::kH264);
  Consumer consumer(parameters(), transport, counters);
  consumer.set_track(&track, now);
  receive(picture, 10, 0, h264(kSlice), true, {&consumer});
  consumer.tick(now);
  ASSERT_TRUE(picture.take_key_frame_request(now));
  now += KeyFrameGovernor::kInterval;
  receive(picture, 11, 3000, h264(kSps), false, {&consumer});
  receive(picture, 12, 3000, h264(0x65), false, {&consumer});
  consumer.on_key_frame_request(now);
  EXPECT_FALSE(picture.take_key_frame_request(now));
  receive(picture, 13, 3000, h264(0x65), true, {&consumer});
  now += Duration::millis(33);
  receive(picture, 14, 6000, h264(kSlice), true, {&consumer});
  now += Duration::millis(50);
  consumer.on_key_frame_request(now);
  EXPECT_FALSE(picture.take_key_frame_request(now)) << "his wish and the picture's last packet have crossed";
  now += Duration::millis(100);
  consumer.on_key_frame_request(now);
  EXPECT_TRUE(picture.take_key_frame_request(now)) << "it did not arrive";
}

TEST(RequestBackoff, who_asked_long_ago_crosses_a_key_frame_like_any_other) {
  RequestBackoff requests;
  EXPECT_TRUE(requests.hears(test::at(0)));
  requests.on_key_frame_begun(test::at(100));
  requests.on_key_frame_sent(Duration::millis(40), test::at(110));
  requests.on_key_frame_begun(test::at(15'000));
  EXPECT_FALSE(requests.hears(test::at(15'020)));
  requests.on_key_frame_sent(Duration::millis(40), test::at(15'033));
  EXPECT_FALSE(requests.hears(test::at(15'070)));
  EXPECT_TRUE(requests.hears(test::at(15'080)));
}

TEST(RequestBackoff, a_key_frame_that_does_not_end_is_waited_for_half_a_second) {
  RequestBackoff requests;
  requests.on_key_frame_begun(test::at(0));
  EXPECT_FALSE(requests.hears(test::at(499)));
  EXPECT_TRUE(requests.hears(test::at(500)));
}

TEST_F(MediaTest, another_shards_wish_that_crosses_a_key_frame_is_granted_by_it) {
  Producer& picture = add(media::Codec::kH264);
  Publication publication;
  publication.tracks.push_back(std::move(track));
  ShardRing ring;
  RingCounters ring_counters;
  MirrorFeed feed(7, publication, ring, ring_counters, now);
  auto send = [&](uint16_t seq, uint32_t time, uint8_t type) {
    std::array<uint8_t, 100> bytes{};
    const rtp::Header header{true, rtp::PayloadType(96), rtp::SeqNum(seq), rtp::RtpTime(time), *picture.ssrc()};
    ASSERT_TRUE(picture.on_rtp(
        *rtp::PacketView::parse(ByteView(bytes).first(rtp::write_packet(bytes, header, h264(type)))), now, {}));
    feed.forward(0, 0, picture, now);
    picture.clear_fresh();
  };
  send(10, 0, kSlice);
  EXPECT_FALSE(feed.crosses(0, 0, std::nullopt, now)) << "none has been handed over";
  send(11, 3000, kSps);
  const auto first = picture.key_time();
  EXPECT_TRUE(feed.crosses(0, 0, std::nullopt, now)) << "made before it arrived there";
  EXPECT_FALSE(feed.crosses(0, 0, first, now)) << "it is there, and another is wanted";
  now += Duration::millis(200);
  send(12, 21000, kSps);
  EXPECT_TRUE(feed.crosses(0, 0, first, now));
  now += KeyFrameGovernor::kInterval;
  EXPECT_FALSE(feed.crosses(0, 0, first, now)) << "it has not come through";
}

}  // namespace
}  // namespace footlight::relay
