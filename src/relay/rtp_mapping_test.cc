// Numbers and timestamps of one receiver across encodings, sources and packets left out.
#include "relay/rtp_mapping.h"

#include <gtest/gtest.h>

namespace footlight::relay {
namespace {

Timestamp at(int64_t ms) { return Timestamp::millis(1000 + ms); }
rtp::UnwrappedSeq seq(int64_t n) { return rtp::UnwrappedSeq(65536 + n); }
rtp::UnwrappedTime time(int64_t t) { return rtp::UnwrappedTime(t); }

struct RtpMappingTest : testing::Test {
  RtpMapping mapping{90000, 100, 5000};

  void begin(int64_t first, int64_t first_time, int64_t live_time, int64_t ms, std::optional<int64_t> line = {},
             uint8_t layer = 0) {
    mapping.begin({.first = seq(first),
                   .first_time = time(first_time),
                   .live_time = time(live_time),
                   .layer = layer,
                   .pictures = {},
                   .line = line},
                  at(ms));
  }
  uint16_t out(int64_t n) { return mapping.place_of(seq(n))->wrapped().value(); }
  uint32_t out_time(int64_t n, int64_t t) { return mapping.time(*mapping.place_of(seq(n)), time(t)).value(); }
  void sent(int64_t n, int64_t t, int64_t ms) { mapping.on_sent(*mapping.place_of(seq(n)), time(t), at(ms)); }
};

TEST_F(RtpMappingTest, goes_on_without_gap_or_jump_across_sources) {
  begin(7, 90000, 90000, 0);
  EXPECT_EQ(out(7), 100);
  sent(7, 90000, 0);
  sent(8, 93000, 33);
  const uint32_t last = out_time(8, 93000);
  mapping.end();
  EXPECT_FALSE(mapping.source_of(rtp::SeqNum(101)));
  // Another source with other numbers, a second later.
  begin(-500, 7, 7, 1033);
  EXPECT_EQ(out(-500), 102);
  EXPECT_EQ(out_time(-500, 7), last + 90000);
  sent(-500, 7, 1033);
  EXPECT_EQ(mapping.source_of(rtp::SeqNum(102))->seq, seq(-500));
  EXPECT_FALSE(mapping.source_of(rtp::SeqNum(101)));
}

TEST_F(RtpMappingTest, a_replayed_past_lies_close_before_the_live_edge_and_in_order) {
  begin(0, 0, 180000, 0);
  const uint32_t live = out_time(0, 180000);
  uint32_t before = out_time(0, 0);
  EXPECT_EQ(live - before, 180000u / 32);
  for (int64_t t = 3000; t <= 180000; t += 3000) {
    const uint32_t now = out_time(0, t);
    EXPECT_GT(now, before);
    before = now;
  }
  EXPECT_EQ(out_time(0, 183000) - live, 3000u);
}

TEST_F(RtpMappingTest, a_paced_replay_is_dated_as_it_is_sent_and_meets_the_sources_line) {
  // One second of past at twice its pace: the source is met a second from now, at second two.
  mapping.begin({.first = seq(0),
                 .first_time = time(0),
                 .live_time = time(180000),
                 .squeeze = 2,
                 .lead = 90000,
                 .layer = 0,
                 .pictures = {},
                 .line = {}},
                at(0));
  const uint32_t first = out_time(0, 0);
  for (int64_t sent_ms = 0; sent_ms <= 1000; sent_ms += 100)
    EXPECT_EQ(out_time(0, sent_ms * 180) - first, static_cast<uint32_t>(sent_ms * 90)) << sent_ms;
  EXPECT_EQ(out_time(0, 270000) - first, 180000u);
}

TEST(RtpMapping, numbers_wrap) {
  RtpMapping mapping(90000, 65534, 0xffffff00);
  mapping.begin({.first = seq(0), .first_time = time(0), .live_time = time(0), .layer = 0, .pictures = {}, .line = {}},
                at(0));
  for (int64_t i = 0; i < 5; ++i) mapping.on_sent(*mapping.place_of(seq(i)), time(i * 3000), at(i * 33));
  EXPECT_EQ(mapping.place_of(seq(2))->wrapped(), rtp::SeqNum(0));
  EXPECT_EQ(mapping.source_of(rtp::SeqNum(65535))->seq, seq(1));
  EXPECT_EQ(mapping.source_of(rtp::SeqNum(2))->seq, seq(4));
}

// mediasoup #1494, #1635
TEST_F(RtpMappingTest, numbers_close_up_over_what_is_left_out_and_nacks_of_the_past_still_find_theirs) {
  begin(0, 0, 0, 0);
  int64_t expected = 100;
  for (int64_t n = 0; n < 200; ++n) {
    if (n % 4 >= 2) {
      mapping.leave_out(seq(n), seq(n + 1), 1);
      EXPECT_FALSE(mapping.place_of(seq(n)));
      continue;
    }
    ASSERT_EQ(out(n), expected);
    sent(n, n * 3000, n * 33);
    ++expected;
  }
  for (int64_t n = 199; n > 140; --n) {
    if (n % 4 >= 2) {
      EXPECT_FALSE(mapping.place_of(seq(n)));
      continue;
    }
    const auto source = mapping.source_of(rtp::SeqNum(static_cast<uint16_t>(out(n))));
    ASSERT_TRUE(source);
    EXPECT_EQ(source->seq, seq(n));
    EXPECT_EQ(source->place.wrapped().value(), out(n));
  }
  EXPECT_FALSE(mapping.source_of(rtp::SeqNum(100))) << "too long ago";
}

TEST_F(RtpMappingTest, a_late_packet_finds_the_number_that_was_kept_for_it) {
  begin(0, 0, 0, 0);
  sent(0, 0, 0);
  mapping.leave_out(seq(2), seq(3), 1);  // 1 is missing
  sent(3, 6000, 66);
  EXPECT_EQ(out(3), 102);
  EXPECT_EQ(out(1), 101);
  EXPECT_EQ(mapping.place_of(seq(1))->pictures.picture, 0);
  EXPECT_EQ(mapping.place_of(seq(3))->pictures.picture, 0xffff);
}

TEST_F(RtpMappingTest, an_encoding_follows_the_one_before_it_on_the_same_line_of_time) {
  begin(0, 90000, 90000, 0);
  sent(0, 90000, 0);
  sent(1, 93000, 33);
  const uint32_t before = out_time(1, 93000);
  // The other encoding's 500'000 is this one's 96'000.
  begin(40, 500'000, 500'000, 75, mapping.line_of(time(96000)), 1);
  EXPECT_EQ(out(40), 102);
  EXPECT_EQ(out_time(40, 500'000), before + 3000);
  sent(40, 500'000, 75);
  EXPECT_EQ(mapping.line_of(time(503'000)), static_cast<int64_t>(before) + 6000);
  const auto old = mapping.source_of(rtp::SeqNum(101));
  ASSERT_TRUE(old) << "a loss just before the change is repaired from the layer that it was of";
  EXPECT_EQ(old->layer, 0);
  EXPECT_EQ(old->seq, seq(1));
  EXPECT_EQ(mapping.time(old->place, time(93000)).value(), before);
}

TEST_F(RtpMappingTest, an_encoding_that_lags_behind_keeps_its_order_until_it_has_caught_up) {
  begin(0, 90000, 90000, 0);
  sent(0, 90000, 0);
  const uint32_t before = out_time(0, 90000);
  // Its key frame shows what was sent 100 ms before.
  const int64_t line = mapping.line_of(time(81000));
  begin(40, 500'000, 500'000, 10, line, 1);
  uint32_t last = before;
  for (int64_t t = 0; t < 10; ++t) {
    const uint32_t now = out_time(40, 500'000 + t * 3000);
    EXPECT_GT(static_cast<int32_t>(now - last), 0);
    last = now;
  }
  EXPECT_EQ(mapping.line_of(time(527'000)), line + 27'000) << "and the line itself has not moved";
  EXPECT_EQ(last, static_cast<uint32_t>(line + 27'000));
}

// mediasoup #1459
TEST_F(RtpMappingTest, a_line_beyond_belief_gives_way_to_the_time_that_passed) {
  begin(0, 90000, 90000, 0);
  sent(0, 90000, 0);
  const uint32_t before = out_time(0, 90000);
  begin(40, 500'000, 500'000, 100, mapping.line_of(time(90'000'000)), 1);
  EXPECT_EQ(out_time(40, 500'000), before + 9000);
}

}  // namespace
}  // namespace footlight::relay
