#include "congestion/acknowledged_rate.h"

#include <gtest/gtest.h>

namespace footlight::congestion {
namespace {

constexpr Timestamp kStart = Timestamp::millis(5'000'000);
Duration ms(int64_t v) { return Duration::millis(v); }

// Sent as fast as it comes.
void add(AcknowledgedRate& rate, Duration at) { rate.on_packet(Timestamp::micros(at.us()), at, 1500); }

TEST(AcknowledgedRate, follows_a_change_within_half_a_second) {
  AcknowledgedRate rate;
  Duration at = Duration::seconds(77);
  for (int i = 0; i < 100; ++i) add(rate, at += ms(4));  // 3 Mbit/s
  EXPECT_NEAR(static_cast<double>(rate.rate()->kbps()), 3000, 60);
  for (int i = 0; i < 20; ++i) add(rate, at += ms(24));  // 500 kbit/s
  EXPECT_NEAR(static_cast<double>(rate.rate()->kbps()), 500, 30);
}

TEST(AcknowledgedRate, a_pause_and_lost_feedback_are_no_low_rate) {
  AcknowledgedRate rate;
  Duration at = Duration::seconds(77);
  for (int i = 0; i < 1000; ++i) {
    if (i % 160 == 159) at += Duration::seconds(1);
    if (i % 160 == 80) {
      at += ms(300);
      rate.on_gap();
    }
    add(rate, at += ms(4));
  }
  EXPECT_NEAR(static_cast<double>(rate.rate()->kbps()), 3000, 100);
}

TEST(AcknowledgedRate, a_clock_that_is_set_back_freezes_nothing) {
  AcknowledgedRate rate;
  Duration at = Duration::seconds(7777);
  for (int i = 0; i < 100; ++i) add(rate, at += ms(4));  // 3 Mbit/s
  at -= Duration::seconds(3600);
  for (int i = 0; i < 100; ++i) add(rate, at += ms(12));  // 1 Mbit/s
  EXPECT_NEAR(static_cast<double>(rate.rate()->kbps()), 1000, 30);
  at += Duration::seconds(7200);
  for (int i = 0; i < 100; ++i) add(rate, at += ms(4));
  EXPECT_NEAR(static_cast<double>(rate.rate()->kbps()), 3000, 60);
}

TEST(AcknowledgedRate, tells_how_much_of_what_was_sent_came_in_its_time) {
  AcknowledgedRate whole;
  AcknowledgedRate queued;
  AcknowledgedRate lossy;
  for (int i = 0; i < 200; ++i) {
    const Timestamp sent = kStart + ms(4) * i;
    whole.on_packet(sent, ms(4) * i, 1500);
    queued.on_packet(sent, ms(8) * i, 1500);
    if (i % 2)
      lossy.on_packet(sent, ms(4) * i, 1500);
    else
      lossy.on_lost(1500);
  }
  EXPECT_NEAR(whole.delivered(), 1, 0.05);
  EXPECT_NEAR(queued.delivered(), 0.5, 0.05);
  EXPECT_NEAR(lossy.delivered(), 0.5, 0.05);
}

}  // namespace
}  // namespace footlight::congestion
