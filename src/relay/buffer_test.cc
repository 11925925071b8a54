// Packet buffer, join cache, mapping: what retransmissions, joins and switches are served from.
#include <gtest/gtest.h>

#include <vector>

#include "relay/join_cache.h"
#include "relay/rate_meter.h"
#include "relay/rtp_mapping.h"
#include "relay/sender_clock.h"

namespace footlight::relay {
namespace {

Timestamp at(int64_t ms) { return Timestamp::millis(1000 + ms); }
rtp::UnwrappedSeq seq(int64_t n) { return rtp::UnwrappedSeq(65536 + n); }

StoredPacket packet(int64_t n, int64_t time, bool key = false) {
  static const std::vector<uint8_t> kBytes(100, 7);
  StoredPacket p;
  p.seq = seq(n);
  p.time = rtp::UnwrappedTime(time);
  p.key = key;
  p.payload = kBytes;
  return p;
}

TEST(PacketBuffer, keeps_the_newest_and_refuses_duplicates_old_and_large_ones) {
  PacketBuffer buffer(64);
  for (int64_t i = 0; i < 100; ++i) ASSERT_TRUE(buffer.insert(packet(i, i)));
  EXPECT_EQ(buffer.find(seq(35)), nullptr);
  ASSERT_NE(buffer.find(seq(36)), nullptr);
  EXPECT_EQ(buffer.find(seq(99))->payload.size(), 100u);
  EXPECT_EQ(buffer.oldest(), seq(36));
  EXPECT_EQ(buffer.insert(packet(99, 1)).error(), InsertError::kDuplicate);
  EXPECT_EQ(buffer.insert(packet(35, 1)).error(), InsertError::kTooOld);
  std::vector<uint8_t> large(PacketBuffer::kMaxPayload + 1);
  StoredPacket p = packet(100, 1);
  p.payload = large;
  EXPECT_EQ(buffer.insert(p).error(), InsertError::kTooLarge);
}

struct JoinCacheTest : testing::Test {
  PacketBuffer buffer{PacketBuffer::kVideoPackets};
  JoinCache cache{90000};
  void put(int64_t n, int64_t time, bool key = false) {
    auto stored = buffer.insert(packet(n, time, key));
    ASSERT_TRUE(stored);
    cache.on_packet(buffer, **stored);
  }
};

TEST_F(JoinCacheTest, begins_with_the_first_packet_of_the_newest_key_frame) {
  put(1, 1000);
  put(2, 4000, true);
  put(3, 4000, true);
  put(4, 7000);
  EXPECT_EQ(cache.start(buffer), seq(2));
  put(5, 10000, true);
  EXPECT_EQ(cache.start(buffer), seq(5));
}

TEST_F(JoinCacheTest, counts_missing_packets_before_a_key_frame_in) {
  put(1, 1000);
  put(4, 4000, true);
  EXPECT_EQ(cache.start(buffer), seq(2));
}

TEST_F(JoinCacheTest, is_empty_without_a_key_frame_and_after_two_seconds_of_media) {
  put(1, 1000);
  EXPECT_FALSE(cache.start(buffer));
  put(2, 4000, true);
  put(3, 4000 + 180000);
  EXPECT_TRUE(cache.start(buffer));
  put(4, 4000 + 180001);
  EXPECT_FALSE(cache.start(buffer));
}

TEST_F(JoinCacheTest, is_empty_when_the_ring_has_overwritten_the_key_frame) {
  put(1, 1000, true);
  for (int64_t i = 2; i < 2100; ++i) put(i, 1000 + i);
  EXPECT_FALSE(cache.start(buffer));
}

TEST(RtpMapping, goes_on_without_gap_or_jump_across_producers) {
  RtpMapping mapping(90000, 100, 5000);
  mapping.begin(seq(7), rtp::UnwrappedTime(90000), rtp::UnwrappedTime(90000), at(0));
  EXPECT_EQ(mapping.seq(seq(7)), rtp::SeqNum(100));
  mapping.on_sent(seq(7), rtp::UnwrappedTime(90000), at(0));
  mapping.on_sent(seq(8), rtp::UnwrappedTime(93000), at(33));
  uint32_t last = mapping.time(rtp::UnwrappedTime(93000)).value();
  mapping.end();
  EXPECT_FALSE(mapping.source_seq(rtp::SeqNum(101)));
  // Another producer with other numbers, a second later.
  mapping.begin(seq(-500), rtp::UnwrappedTime(7), rtp::UnwrappedTime(7), at(1033));
  EXPECT_EQ(mapping.seq(seq(-500)), rtp::SeqNum(102));
  EXPECT_EQ(mapping.time(rtp::UnwrappedTime(7)).value(), last + 90000);
  mapping.on_sent(seq(-500), rtp::UnwrappedTime(7), at(1033));
  EXPECT_EQ(mapping.source_seq(rtp::SeqNum(102)), seq(-500));
  EXPECT_FALSE(mapping.source_seq(rtp::SeqNum(101)));
}

TEST(RtpMapping, a_replayed_past_lies_close_before_the_live_edge_and_in_order) {
  RtpMapping mapping(90000, 0, 0);
  mapping.begin(seq(0), rtp::UnwrappedTime(0), rtp::UnwrappedTime(180000), at(0));
  uint32_t live = mapping.time(rtp::UnwrappedTime(180000)).value();
  uint32_t before = mapping.time(rtp::UnwrappedTime(0)).value();
  EXPECT_EQ(live - before, 180000u / 32);
  for (int64_t t = 3000; t <= 180000; t += 3000) {
    uint32_t now = mapping.time(rtp::UnwrappedTime(t)).value();
    EXPECT_GT(now, before);
    before = now;
  }
  EXPECT_EQ(mapping.time(rtp::UnwrappedTime(183000)).value() - live, 3000u);
}

TEST(RtpMapping, numbers_wrap) {
  RtpMapping mapping(90000, 65534, 0xffffff00);
  mapping.begin(seq(0), rtp::UnwrappedTime(0), rtp::UnwrappedTime(0), at(0));
  for (int64_t i = 0; i < 5; ++i) mapping.on_sent(seq(i), rtp::UnwrappedTime(i * 3000), at(i * 33));
  EXPECT_EQ(mapping.seq(seq(2)), rtp::SeqNum(0));
  EXPECT_EQ(mapping.source_seq(rtp::SeqNum(65535)), seq(1));
  EXPECT_EQ(mapping.source_seq(rtp::SeqNum(2)), seq(4));
}

TEST(SenderClock, keeps_to_the_line_of_the_last_report) {
  SenderClock clock;
  clock.on_report(rtp::NtpTime(uint64_t{1000} << 32), rtp::UnwrappedTime(90000), at(0));
  EXPECT_EQ(clock.ntp_at(at(1500)).value(), (uint64_t{1001} << 32) + (uint64_t{1} << 31));
  EXPECT_EQ(clock.time_at(at(1500), 90000).value(), 90000 + 135000);
}

TEST(RateMeter, shows_the_last_second) {
  RateMeter meter;
  for (int64_t ms = 0; ms < 3000; ms += 10) meter.add(100, at(ms));
  EXPECT_EQ(meter.per_second(at(3000)), 10000);
  EXPECT_EQ(meter.per_second(at(9000)), 0);
}

}  // namespace
}  // namespace footlight::relay
