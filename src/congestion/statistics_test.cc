#include <gtest/gtest.h>

#include "congestion/receive_statistics.h"
#include "congestion/viewer_report.h"

namespace footlight::congestion {
namespace {

using rtp::RtpTime;
using rtp::SeqNum;
using rtp::Ssrc;

const Timestamp kStart = Timestamp::millis(1'000);

TEST(ReceiveStatistics, reports_loss_of_the_interval_and_of_all_time) {
  ReceiveStatistics statistics(Ssrc(7), 90000);
  EXPECT_FALSE(statistics.take_report(kStart));
  for (uint16_t i = 0; i < 100; ++i)
    if (i % 4 != 1) statistics.on_packet(SeqNum(i), RtpTime(i * 3000U), kStart, 100);
  auto block = statistics.take_report(kStart);
  ASSERT_TRUE(block);
  EXPECT_EQ(block->source, Ssrc(7));
  EXPECT_EQ(block->fraction_lost, 64);
  EXPECT_EQ(block->cumulative_lost, 25);
  EXPECT_EQ(block->highest_seq, 99U);
  EXPECT_DOUBLE_EQ(statistics.loss_ratio(), 0.25);
  for (uint16_t i = 100; i < 200; ++i) statistics.on_packet(SeqNum(i), RtpTime(i * 3000U), kStart, 100);
  block = statistics.take_report(kStart);
  EXPECT_EQ(block->fraction_lost, 0);
  EXPECT_EQ(block->cumulative_lost, 25);
  EXPECT_EQ(statistics.packets(), 175U);
  EXPECT_EQ(statistics.bytes(), 17500U);
}

TEST(ReceiveStatistics, the_highest_number_counts_its_wraps) {
  ReceiveStatistics statistics(Ssrc(7), 90000);
  for (uint32_t i = 65000; i < 140000; ++i)
    statistics.on_packet(SeqNum(static_cast<uint16_t>(i)), RtpTime(i), kStart, 1);
  EXPECT_EQ(statistics.take_report(kStart)->highest_seq, 139999U);
  EXPECT_EQ(statistics.take_report(kStart)->cumulative_lost, 0);
}

TEST(ReceiveStatistics, repaired_and_repeated_packets_are_no_loss) {
  ReceiveStatistics statistics(Ssrc(7), 90000);
  for (uint16_t i : std::initializer_list<uint16_t>{1, 2, 4, 5, 3, 5, 5})
    statistics.on_packet(SeqNum(i), RtpTime(i), kStart, 1);
  auto block = statistics.take_report(kStart);
  EXPECT_EQ(block->fraction_lost, 0);
  EXPECT_EQ(block->cumulative_lost, -2);
}

TEST(ReceiveStatistics, steady_arrivals_have_no_jitter_and_uneven_ones_have) {
  ReceiveStatistics steady(Ssrc(7), 48000);
  ReceiveStatistics uneven(Ssrc(7), 48000);
  for (uint16_t i = 0; i < 500; ++i) {
    Timestamp due = kStart + Duration::millis(20 * i);
    steady.on_packet(SeqNum(i), RtpTime(i * 960U), due, 1);
    uneven.on_packet(SeqNum(i), RtpTime(i * 960U), due + Duration::millis(i % 2 == 0 ? 0 : 10), 1);
  }
  EXPECT_EQ(steady.jitter(), Duration::zero());
  EXPECT_NEAR(static_cast<double>(uneven.jitter().ms()), 10, 1);
  EXPECT_NEAR(static_cast<double>(uneven.take_report(kStart)->jitter), 480, 48);
}

TEST(ReceiveStatistics, packets_of_one_picture_and_a_reset_timestamp_are_not_jitter) {
  ReceiveStatistics statistics(Ssrc(7), 90000);
  for (uint16_t i = 0; i < 300; ++i)
    statistics.on_packet(SeqNum(i), RtpTime(i / 10 * 3000U),
                         kStart + Duration::micros(i / 10 * 33'333 + i % 10 * 2'000), 1);
  EXPECT_LT(statistics.jitter(), Duration::millis(1));
  statistics.on_packet(SeqNum(300), RtpTime(0xf0000000), kStart + Duration::seconds(1), 1);
  EXPECT_LT(statistics.jitter(), Duration::millis(1));
}

TEST(ReceiveStatistics, the_last_sender_report_is_echoed_with_its_age) {
  ReceiveStatistics statistics(Ssrc(7), 90000);
  statistics.on_packet(SeqNum(1), RtpTime(1), kStart, 1);
  EXPECT_EQ(statistics.take_report(kStart)->last_sr, rtp::CompactNtp{});
  statistics.on_sender_report(rtp::NtpTime(0x1122334455667788), kStart);
  auto block = statistics.take_report(kStart + Duration::millis(500));
  EXPECT_EQ(block->last_sr, rtp::CompactNtp(0x33445566));
  EXPECT_EQ(block->delay_since_last_sr, rtp::CompactNtp(0x8000));
}

TEST(ViewerReport, round_trip_is_smoothed_and_absent_without_a_sender_report) {
  ViewerReport report;
  rtp::NtpTime now = rtp::ntp_from_wall(WallTime::millis(1'700'000'000'000));
  report.on_report({.fraction_lost = 64, .cumulative_lost = 3}, now);
  EXPECT_FALSE(report.round_trip());
  EXPECT_DOUBLE_EQ(report.loss_ratio(), 0.25);
  EXPECT_EQ(report.cumulative_lost(), 3);
  auto sent_before = [](Duration d) {
    return rtp::compact_from_ntp(rtp::ntp_from_wall(WallTime::millis(1'700'000'000'000) + -d));
  };
  report.on_report({.last_sr = sent_before(Duration::millis(140)),
                    .delay_since_last_sr = rtp::compact_from_duration(Duration::millis(100))},
                   now);
  EXPECT_NEAR(static_cast<double>(report.round_trip()->us()), 40'000, 100);
  report.on_report({.last_sr = sent_before(Duration::millis(120))}, now);
  EXPECT_NEAR(static_cast<double>(report.round_trip()->us()), 50'000, 100);
}

}  // namespace
}  // namespace footlight::congestion
