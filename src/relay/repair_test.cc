// NACK, key-frame governor, resend limit: what repairs a stream and what keeps repairs from becoming a storm.
#include <gtest/gtest.h>

#include <array>

#include "relay/key_frame_governor.h"
#include "relay/nack_generator.h"
#include "relay/resend_limiter.h"

namespace footlight::relay {
namespace {

Timestamp at(int64_t ms) { return Timestamp::millis(1000 + ms); }
rtp::UnwrappedSeq seq(int64_t n) { return rtp::UnwrappedSeq(65536 + n); }

struct NackGeneratorTest : testing::Test {
  NackGenerator nacks;
  std::array<rtp::SeqNum, 64> out{};
  Timestamp asked;
  size_t due(int64_t ms, int64_t rtt_ms = 50) { return nacks.take_due(at(ms), Duration::millis(rtt_ms), out); }
};

TEST_F(NackGeneratorTest, gap_of_three_packets_is_nacked_once) {
  nacks.on_packet(seq(10), at(0), &asked);
  nacks.on_packet(seq(14), at(1), &asked);
  ASSERT_EQ(due(1), 3u);
  EXPECT_EQ(out[0], rtp::SeqNum(11));
  EXPECT_EQ(out[2], rtp::SeqNum(13));
  EXPECT_EQ(due(10), 0u);
}

TEST_F(NackGeneratorTest, an_unanswered_nack_is_repeated_after_a_round_trip) {
  nacks.on_packet(seq(1), at(0), &asked);
  nacks.on_packet(seq(3), at(0), &asked);
  EXPECT_EQ(due(0), 1u);
  EXPECT_EQ(due(50), 0u);
  EXPECT_EQ(due(63), 1u);
}

TEST_F(NackGeneratorTest, a_repaired_packet_is_not_asked_for_again_and_shows_the_round_trip) {
  nacks.on_packet(seq(1), at(0), &asked);
  nacks.on_packet(seq(3), at(0), &asked);
  EXPECT_EQ(due(5), 1u);
  EXPECT_TRUE(nacks.on_packet(seq(2), at(35), &asked));
  EXPECT_EQ(asked, at(5));
  EXPECT_EQ(due(200), 0u);
  EXPECT_EQ(nacks.repaired(), 1u);
  EXPECT_FALSE(nacks.take_given_up());
}

TEST_F(NackGeneratorTest, reordered_packets_count_as_no_repair) {
  nacks.on_packet(seq(1), at(0), &asked);
  nacks.on_packet(seq(3), at(0), &asked);
  EXPECT_FALSE(nacks.on_packet(seq(2), at(0), &asked));
  EXPECT_EQ(due(1), 0u);
  EXPECT_EQ(nacks.repaired(), 0u);
}

TEST_F(NackGeneratorTest, a_packet_beyond_the_repair_deadline_is_given_up_once) {
  nacks.on_packet(seq(1), at(0), &asked);
  nacks.on_packet(seq(3), at(0), &asked);
  EXPECT_FALSE(nacks.take_given_up());
  EXPECT_EQ(due(250), 0u);
  EXPECT_TRUE(nacks.take_given_up());
  EXPECT_FALSE(nacks.take_given_up());
  EXPECT_EQ(nacks.missing(), 0u);
}

TEST_F(NackGeneratorTest, loss_before_a_key_frame_is_no_reason_for_another) {
  nacks.on_packet(seq(1), at(0), &asked);
  nacks.on_packet(seq(3), at(0), &asked);
  nacks.on_key_frame(seq(3));
  EXPECT_EQ(due(300), 0u);
  EXPECT_FALSE(nacks.take_given_up());
}

TEST_F(NackGeneratorTest, a_jump_wider_than_the_list_asks_for_a_key_frame_instead) {
  nacks.on_packet(seq(1), at(0), &asked);
  nacks.on_packet(seq(5000), at(0), &asked);
  EXPECT_EQ(due(0), 0u);
  EXPECT_TRUE(nacks.take_given_up());
}

TEST_F(NackGeneratorTest, retries_are_bounded) {
  nacks.on_packet(seq(1), at(0), &asked);
  nacks.on_packet(seq(3), at(0), &asked);
  size_t asks = 0;
  for (int64_t ms = 0; ms < 3000; ms += 5) asks += nacks.take_due(at(ms), Duration::zero(), out);
  EXPECT_LE(asks, static_cast<size_t>(NackGenerator::kMaxRetries));
}

TEST(KeyFrameGovernor, many_wishes_become_one_request_each_half_second) {
  KeyFrameGovernor governor;
  int sent = 0;
  for (int64_t ms = 0; ms < 2000; ms += 10) {
    governor.request(at(ms));
    if (governor.take_due(at(ms))) ++sent;
  }
  EXPECT_EQ(sent, 4);
}

TEST(KeyFrameGovernor, a_key_frame_grants_the_wishes_made_before_it) {
  KeyFrameGovernor governor;
  governor.request(at(0));
  EXPECT_TRUE(governor.take_due(at(0)));
  governor.on_key_frame();
  EXPECT_FALSE(governor.take_due(at(600)));
}

TEST(KeyFrameGovernor, an_unanswered_request_is_repeated) {
  KeyFrameGovernor governor;
  governor.request(at(0));
  EXPECT_TRUE(governor.take_due(at(0)));
  EXPECT_FALSE(governor.take_due(at(499)));
  EXPECT_TRUE(governor.take_due(at(500)));
}

TEST(ResendLimiter, a_packet_goes_again_at_most_once_a_round_trip) {
  ResendLimiter limiter;
  Duration rtt = Duration::millis(80);
  EXPECT_TRUE(limiter.allow(rtp::SeqNum(5), rtt, at(0)));
  EXPECT_FALSE(limiter.allow(rtp::SeqNum(5), rtt, at(79)));
  EXPECT_TRUE(limiter.allow(rtp::SeqNum(5), rtt, at(80)));
}

TEST(ResendLimiter, resends_stay_below_half_of_first_sends_in_the_long_run) {
  ResendLimiter limiter;
  int allowed = 0;
  for (int i = 0; i < 10000; ++i) {
    limiter.on_sent();
    for (int k = 0; k < 4; ++k)
      if (limiter.allow(rtp::SeqNum(static_cast<uint16_t>(i * 4 + k)), Duration::zero(), at(i))) ++allowed;
  }
  EXPECT_LE(allowed, 5000 + 128);
  EXPECT_GE(allowed, 5000);
}

}  // namespace
}  // namespace footlight::relay
