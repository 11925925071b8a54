#include "load/gap_tracker.h"

#include <gtest/gtest.h>

#include <array>

namespace footlight::load {
namespace {

using Seen = GapTracker::Seen;

class Gaps : public testing::Test {
 protected:
  Seen see(int seq) { return gaps.on_packet(rtp::SeqNum(static_cast<uint16_t>(seq)), now); }
  std::vector<int> due() {
    std::array<rtp::SeqNum, 32> out;
    size_t count = gaps.take_due(now, out);
    std::vector<int> numbers;
    for (size_t i = 0; i < count; ++i) numbers.push_back(out[i].value());
    return numbers;
  }
  GapTracker gaps;
  Timestamp now = Timestamp::millis(1000);
};

TEST_F(Gaps, gap_is_asked_for_at_once_and_again_until_it_is_filled) {
  EXPECT_EQ(see(10), Seen::kNew);
  EXPECT_EQ(see(13), Seen::kNew);
  EXPECT_EQ(due(), (std::vector{11, 12}));
  EXPECT_TRUE(due().empty());
  EXPECT_EQ(see(11), Seen::kRepaired);
  now += GapTracker::kAskInterval;
  EXPECT_EQ(due(), (std::vector{12}));
  EXPECT_EQ(see(12), Seen::kRepaired);
  EXPECT_FALSE(gaps.asking());
  EXPECT_EQ(gaps.expected(), 4u);
  EXPECT_EQ(gaps.received(), 4u);
}

TEST_F(Gaps, what_never_comes_is_given_up_and_stays_missing) {
  see(10);
  see(12);
  for (int i = 0; i < GapTracker::kMaxAsks; ++i, now += GapTracker::kAskInterval) EXPECT_EQ(due(), (std::vector{11}));
  EXPECT_TRUE(due().empty());
  EXPECT_FALSE(gaps.asking());
  EXPECT_EQ(gaps.expected() - gaps.received(), 1u);
}

TEST_F(Gaps, packet_that_was_only_late_is_no_repair) {
  see(10);
  see(12);
  EXPECT_EQ(see(11), Seen::kNew);
  EXPECT_EQ(see(11), Seen::kDuplicate);
  EXPECT_EQ(gaps.received(), 3u);
}

TEST_F(Gaps, numbers_go_on_across_the_wrap) {
  see(65534);
  EXPECT_EQ(see(1), Seen::kNew);
  EXPECT_EQ(due(), (std::vector{65535, 0}));
  EXPECT_EQ(gaps.expected(), 4u);
}

TEST_F(Gaps, jump_beyond_the_window_is_counted_and_its_newest_part_asked_for) {
  see(0);
  see(10'000);
  EXPECT_EQ(gaps.expected(), 10'001u);
  EXPECT_EQ(gaps.received(), 2u);
  EXPECT_EQ(due().front(), 10'000 - static_cast<int>(GapTracker::kMaxMissing));
  EXPECT_EQ(see(5'000), Seen::kTooOld);
}

TEST_F(Gaps, picture_is_whole_when_all_of_its_numbers_came) {
  see(10);
  see(12);
  auto at = [&](int seq) { return gaps.place_of(rtp::SeqNum(static_cast<uint16_t>(seq))); };
  EXPECT_FALSE(gaps.whole(at(10), at(12)));
  EXPECT_TRUE(gaps.whole(at(12), at(12)));
  EXPECT_FALSE(gaps.whole(at(9), at(10)));
  EXPECT_FALSE(gaps.whole(at(12), at(13)));
  see(11);
  EXPECT_TRUE(gaps.whole(at(10), at(12)));
}

}  // namespace
}  // namespace footlight::load
