// Packet buffer and join cache: what retransmissions and joins are served from; clocks and meters beside them.
#include <gtest/gtest.h>

#include <vector>

#include "relay/join_cache.h"
#include "relay/rate_meter.h"
#include "relay/sender_clock.h"

namespace footlight::relay {
namespace {

Timestamp at(int64_t ms) { return Timestamp::millis(1000 + ms); }
rtp::UnwrappedSeq seq(int64_t n) { return rtp::UnwrappedSeq(65536 + n); }

const std::vector<uint8_t> kBytes(100, 7);

StoredPacket packet(int64_t n, int64_t time, bool key = false) {
  StoredPacket p;
  p.seq = seq(n);
  p.time = rtp::UnwrappedTime(time);
  p.key = key;
  return p;
}

TEST(PacketBuffer, keeps_the_newest_and_refuses_duplicates_old_and_large_ones) {
  PacketBuffer buffer(64);
  for (int64_t i = 0; i < 100; ++i) ASSERT_TRUE(buffer.insert(packet(i, i), kBytes));
  EXPECT_EQ(buffer.find(seq(35)), nullptr);
  ASSERT_NE(buffer.find(seq(36)), nullptr);
  EXPECT_EQ(buffer.find(seq(99))->payload.size(), 100u);
  EXPECT_EQ(buffer.oldest(), seq(36));
  EXPECT_EQ(buffer.insert(packet(99, 1), kBytes).error(), InsertError::kDuplicate);
  EXPECT_EQ(buffer.insert(packet(35, 1), kBytes).error(), InsertError::kTooOld);
  std::vector<uint8_t> large(PacketBuffer::kMaxPayload + 1);
  EXPECT_EQ(buffer.insert(packet(100, 1), large).error(), InsertError::kTooLarge);
  EXPECT_EQ(buffer.insert(packet(100, 1), std::span(large).first(PacketBuffer::kMaxPayload), kBytes).error(),
            InsertError::kTooLarge);
}

struct JoinCacheTest : testing::Test {
  PacketBuffer buffer{PacketBuffer::kVideoPackets};
  JoinCache cache{90000};
  void put(int64_t n, int64_t time, bool key = false) {
    auto stored = buffer.insert(packet(n, time, key), kBytes);
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

TEST_F(JoinCacheTest, parameter_sets_with_their_own_time_belong_to_the_key_frame) {
  put(1, 1000);
  StoredPacket sps = packet(2, 2000, true);
  StoredPacket pps = packet(3, 3000);
  for (StoredPacket* p : {&sps, &pps}) {
    p->parameters = true;
    cache.on_packet(buffer, **buffer.insert(*p, kBytes));
  }
  put(4, 4000, true);
  put(5, 4000);
  EXPECT_EQ(cache.start(buffer), seq(2));
}

TEST_F(JoinCacheTest, a_newer_key_frame_counts_though_the_sources_time_stepped_back) {
  put(1, 90'000, true);
  put(2, 93'000);
  put(3, 20'000, true);
  EXPECT_EQ(cache.start(buffer), seq(3));
  EXPECT_EQ(cache.key_time(), rtp::UnwrappedTime(20'000));
}

TEST(SenderClock, keeps_to_the_line_of_the_last_report) {
  SenderClock clock;
  clock.on_report(rtp::NtpTime(uint64_t{1000} << 32), rtp::UnwrappedTime(90000), at(0));
  EXPECT_EQ(clock.ntp_at(at(1500)).value(), (uint64_t{1001} << 32) + (uint64_t{1} << 31));
  EXPECT_EQ(clock.time_at(at(1500), 90000).value(), 90000 + 135000);
}

TEST(SenderClock, names_one_moment_in_two_encodings) {
  SenderClock low;
  SenderClock high;
  low.on_report(rtp::NtpTime(uint64_t{1000} << 32), rtp::UnwrappedTime(90000), at(0));
  high.on_report(rtp::NtpTime((uint64_t{1002} << 32) + (uint64_t{1} << 31)), rtp::UnwrappedTime(7'000'000), at(40));
  EXPECT_EQ(high.time_of(low.ntp_of(rtp::UnwrappedTime(90000 + 45000), 90000), 90000),
            rtp::UnwrappedTime(7'000'000 - 180'000));
  EXPECT_EQ(high.time_of(low.ntp_of(rtp::UnwrappedTime(90000 + 270'000), 90000), 90000),
            rtp::UnwrappedTime(7'000'000 + 45'000));
}

TEST(RateMeter, shows_the_last_second) {
  RateMeter meter;
  for (int64_t ms = 0; ms < 3000; ms += 10) meter.add(100, at(ms));
  EXPECT_EQ(meter.per_second(at(3000)), 10000);
  EXPECT_EQ(meter.per_second(at(9000)), 0);
}

}  // namespace
}  // namespace footlight::relay
