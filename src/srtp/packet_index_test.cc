#include "srtp/packet_index.h"

#include <gtest/gtest.h>

namespace footlight::srtp {
namespace {

TEST(PacketIndex, counts_rollovers_upwards_and_places_late_packets_below) {
  PacketIndex index;
  EXPECT_EQ(index.estimate(65534), 65534U);  // a late joiner starts anywhere, at rollover counter 0
  index.commit(65534);
  EXPECT_EQ(index.estimate(2), 65536U + 2);
  index.commit(65536 + 2);
  EXPECT_EQ(index.estimate(65535), 65535U);
  EXPECT_EQ(index.estimate(1), 65536U + 1);
}

TEST(PacketIndex, a_packet_before_the_beginning_has_no_index) {
  PacketIndex index;
  index.commit(3);
  EXPECT_EQ(index.estimate(65530), std::nullopt);
}

TEST(PacketIndex, loss_of_many_packets_across_the_wrap_keeps_the_counter) {
  PacketIndex index;
  index.commit(60000);
  EXPECT_EQ(index.estimate(20000), 65536U + 20000);
  index.commit(65536 + 20000);
  EXPECT_EQ(index.estimate(52000), 65536U + 52000);
}

TEST(PacketIndex, remembers_the_last_128_and_no_more) {
  PacketIndex index;
  for (uint64_t i = 1000; i < 1300; i += 2) index.commit(i);
  EXPECT_EQ(index.freshness(1298), Freshness::kSeen);
  EXPECT_EQ(index.freshness(1297), Freshness::kNew);
  EXPECT_EQ(index.freshness(1298 - 126), Freshness::kSeen);
  EXPECT_EQ(index.freshness(1298 - 127), Freshness::kNew);
  EXPECT_EQ(index.freshness(1298 - 128), Freshness::kTooOld);
  index.commit(1298 - 127);
  EXPECT_EQ(index.freshness(1298 - 127), Freshness::kSeen);
}

TEST(PacketIndex, window_moves_by_any_step) {
  for (uint64_t step : {1U, 63U, 64U, 65U, 127U, 128U, 5000U}) {
    PacketIndex index;
    index.commit(10000);
    index.commit(10000 + step);
    EXPECT_EQ(index.freshness(10000 + step), Freshness::kSeen) << step;
    EXPECT_EQ(index.freshness(10000), step < kReplayWindow ? Freshness::kSeen : Freshness::kTooOld) << step;
    EXPECT_EQ(index.freshness(10001 + step), Freshness::kNew) << step;
  }
}

}  // namespace
}  // namespace footlight::srtp
