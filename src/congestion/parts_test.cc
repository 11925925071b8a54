// The parts of the send controller, each on its own; together they are tested on a network in send_controller_test.cc.
#include <gtest/gtest.h>

#include "congestion/application_limit.h"
#include "congestion/delay_detector.h"
#include "congestion/loss_controller.h"
#include "congestion/prober.h"
#include "congestion/rate_control.h"
#include "congestion/send_budget.h"
#include "congestion/sent_history.h"

namespace footlight::congestion {
namespace {

using rtp::SeqNum;
using Fate = SentHistory::Fate;

constexpr Timestamp kStart = Timestamp::millis(5'000'000);
DataRate kbps(int64_t v) { return DataRate::kbps(v); }
Duration ms(int64_t v) { return Duration::millis(v); }
constexpr Duration kPatience = Duration::seconds(1);

TEST(SentHistory, feedback_names_what_was_sent_once_and_settles_what_came_before) {
  SentHistory history;
  history.on_sent(SeqNum(65534), 1000, 0, kStart);
  history.on_sent(SeqNum(65535), 500, 3, kStart + ms(1));
  history.on_sent(SeqNum(0), 200, 0, kStart + ms(2));
  EXPECT_EQ(history.in_flight(), 1700u);
  auto packet = history.report(SeqNum(65535), true, kStart + ms(50));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->sent, kStart + ms(1));
  EXPECT_EQ(packet->bytes, 500u);
  EXPECT_EQ(packet->probe, 3);
  EXPECT_EQ(history.in_flight(), 200u) << "the one before is not in flight either, though nothing was said of it";
  EXPECT_FALSE(history.report(SeqNum(65535), true, kStart + ms(60))) << "told twice";
  EXPECT_FALSE(history.report(SeqNum(7), true, kStart + ms(60))) << "never sent";
}

TEST(SentHistory, a_packet_thought_lost_may_still_come) {
  SentHistory history;
  history.on_sent(SeqNum(1), 1000, 0, kStart);
  EXPECT_EQ(history.report(SeqNum(1), false, kStart + ms(50))->before, Fate::kInFlight);
  EXPECT_EQ(history.report(SeqNum(1), true, kStart + ms(99))->before, Fate::kLost);
}

TEST(SentHistory, numbers_taken_and_not_sent_are_unknown) {
  SentHistory history;
  history.on_sent(SeqNum(10), 1000, 0, kStart);
  history.on_sent(SeqNum(12), 1000, 0, kStart);
  EXPECT_FALSE(history.report(SeqNum(11), false, kStart + ms(50)));
}

TEST(SentHistory, in_flight_is_right_over_many_times_its_size) {
  SentHistory history;
  uint16_t seq = 0;
  for (int i = 0; i < 10'000; ++i) history.on_sent(SeqNum(seq++), 100, 0, kStart + ms(i));
  EXPECT_EQ(history.in_flight(), SentHistory::kCapacity * 100);
  EXPECT_FALSE(history.report(SeqNum(static_cast<uint16_t>(seq - 2000)), true, kStart + ms(10'000)));
  EXPECT_TRUE(history.report(SeqNum(static_cast<uint16_t>(seq - 1)), true, kStart + ms(10'000)));
  EXPECT_EQ(history.in_flight(), 0u);
  history.on_sent(SeqNum(static_cast<uint16_t>(seq + 30'000)), 100, 0, kStart);
  EXPECT_EQ(history.in_flight(), 100u) << "a jump over more than the ring";
}

TEST(SentHistory, what_went_another_way_is_not_in_flight_and_feedback_on_it_is_ignored) {
  SentHistory history;
  for (uint16_t seq = 0; seq < 10; ++seq) history.on_sent(SeqNum(seq), 1000, 0, kStart);
  history.forget();
  EXPECT_EQ(history.in_flight(), 0u);
  history.on_sent(SeqNum(10), 700, 0, kStart + ms(5));
  EXPECT_EQ(history.in_flight(), 700u);
  EXPECT_FALSE(history.report(SeqNum(9), false, kStart + ms(50)));
  EXPECT_FALSE(history.report(SeqNum(3), true, kStart + ms(50)));
  EXPECT_TRUE(history.report(SeqNum(10), true, kStart + ms(50)));
  EXPECT_EQ(history.in_flight(), 0u);
}

// Groups each 33 ms whose delay grows by `growth` each.
Usage usage_after(int groups, Duration growth, Duration jitter) {
  DelayDetector detector;
  Usage seen = Usage::kNormal;
  Duration delay = ms(20);
  for (int i = 0; i < groups; ++i) {
    Timestamp sent = kStart + ms(33) * i;
    delay += growth;
    Duration wobble = i % 2 ? jitter : Duration::zero();
    detector.begin_round();
    detector.on_packet(sent, Duration::micros(sent.us()) + delay + wobble, sent + delay);
    detector.end_round(sent + delay);
    if (detector.usage() != Usage::kNormal) seen = detector.usage();
  }
  return seen;
}

TEST(DelayDetector, growing_delay_is_overuse_and_falling_delay_underuse) {
  EXPECT_EQ(usage_after(60, ms(3), Duration::zero()), Usage::kOver);
  EXPECT_EQ(usage_after(60, ms(-3), Duration::zero()), Usage::kUnder);
}

TEST(DelayDetector, steady_delay_and_a_regular_wobble_are_normal) {
  EXPECT_EQ(usage_after(600, Duration::zero(), Duration::zero()), Usage::kNormal);
  EXPECT_EQ(usage_after(600, Duration::zero(), ms(10)), Usage::kNormal);
}

TEST(DelayDetector, a_jump_of_the_receivers_clock_is_no_queue) {
  DelayDetector detector;
  for (int i = 0; i < 200; ++i) {
    Timestamp sent = kStart + ms(33) * i;
    Duration clock = i < 100 ? Duration::zero() : Duration::seconds(-100);
    detector.begin_round();
    detector.on_packet(sent, Duration::micros(sent.us()) + clock, sent + ms(20));
    detector.end_round(sent + ms(20));
    EXPECT_EQ(detector.usage(), Usage::kNormal) << i;
  }
}

// Rounds of three packets, 33 ms each; the clock jumps in the middle of one.
Duration queue_after_jump(Duration jump) {
  DelayDetector detector;
  Duration worst;
  for (int round = 0; round < 200; ++round) {
    detector.begin_round();
    for (int i = 0; i < 3; ++i) {
      const Timestamp sent = kStart + ms(33) * (3 * round + i);
      const Duration clock = 3 * round + i < 301 ? Duration::zero() : jump;
      detector.on_packet(sent, Duration::micros(sent.us()) + clock, sent + ms(20));
    }
    detector.end_round(kStart + ms(33) * (3 * round + 3));
    if (round > 101) worst = std::max(worst, detector.queue_delay());
    EXPECT_NE(detector.usage(), Usage::kOver);
  }
  return worst;
}

TEST(DelayDetector, a_clock_that_jumps_within_a_message_leaves_no_queue_behind) {
  EXPECT_EQ(queue_after_jump(Duration::seconds(3600)), Duration::zero());
  EXPECT_EQ(queue_after_jump(Duration::seconds(-3600)), Duration::zero());
}

TEST(RateControl, falls_a_step_at_a_time_while_what_is_sent_tests_nothing) {
  RateControl control(kbps(1500), kbps(50), kbps(50'000));
  RateControl::Input input;
  input.acknowledged = kbps(60);
  input.round_trip = ms(50);
  input.usage = Usage::kOver;
  input.untested = true;
  control.update(input, kStart);
  EXPECT_EQ(control.rate(), kbps(1275));
  control.update(input, kStart + ms(10));
  EXPECT_EQ(control.rate(), kbps(1275)) << "not twice before the first can have worked";
  input.untested = false;
  control.update(input, kStart + ms(60));
  EXPECT_EQ(control.rate(), kbps(51));
}

TEST(RateControl, grows_by_a_twelfth_a_second_and_falls_to_a_share_of_what_arrives) {
  RateControl control(kbps(1000), kbps(50), kbps(50'000));
  RateControl::Input input;
  input.acknowledged = kbps(1000);
  input.round_trip = ms(50);
  for (int i = 0; i <= 20; ++i) control.update(input, kStart + ms(50) * i);
  EXPECT_NEAR(static_cast<double>(control.rate().kbps()), 1080, 2);
  input.usage = Usage::kOver;
  input.acknowledged = kbps(900);
  control.update(input, kStart + ms(1050));
  EXPECT_EQ(control.rate(), kbps(765));
  control.update(input, kStart + ms(1060));
  EXPECT_EQ(control.rate(), kbps(765)) << "not twice before the first can have worked";
}

TEST(RateControl, grows_to_a_fifth_above_what_was_proven_and_no_further) {
  RateControl control(kbps(1000), kbps(50), kbps(50'000));
  RateControl::Input input;
  input.acknowledged = kbps(1000);
  for (int i = 0; i <= 600; ++i) control.update(input, kStart + ms(50) * i);
  EXPECT_EQ(control.rate(), kbps(1210));
  input.hold = true;
  input.acknowledged = kbps(5000);
  for (int i = 601; i <= 700; ++i) control.update(input, kStart + ms(50) * i);
  EXPECT_EQ(control.rate(), kbps(1210)) << "not while the application sends less";
}

TEST(LossController, loss_that_grows_with_the_rate_is_a_capacity) {
  LossController loss;
  for (int i = 0; i < 16; ++i) {
    bool fast = i % 2;  // 1 Mbit/s is whole, of 1.5 a third is lost
    loss.on_report(100, fast ? 33 : 0, kbps(fast ? 1500 : 1000));
    loss.update(kbps(1500), kbps(1000), kStart + ms(250) * i);
  }
  ASSERT_TRUE(loss.limit());
  EXPECT_NEAR(static_cast<double>(loss.limit()->kbps()), 1000, 150);
}

TEST(LossController, loss_that_is_the_same_at_each_rate_is_no_limit) {
  LossController loss;
  for (int i = 0; i < 40; ++i) {
    loss.on_report(100, 8 + i % 5, kbps(i % 2 ? 3000 : 1500));
    loss.update(kbps(3000), kbps(2700), kStart + ms(250) * i);
  }
  EXPECT_FALSE(loss.limit());
  EXPECT_NEAR(loss.loss_ratio(), 0.1, 0.02);
}

TEST(LossController, packets_that_came_after_all_were_not_lost) {
  LossController loss;
  for (int i = 0; i < 100; ++i) loss.on_packet(kStart + ms(5) * i, 1000, i % 5 != 0);
  loss.update(kbps(1000), kbps(1000), kStart + ms(600));
  EXPECT_GT(loss.loss_ratio(), 0.1);
  LossController late;
  for (int i = 0; i < 100; ++i) {
    late.on_packet(kStart + ms(5) * i, 1000, i % 5 != 0);
    if (i % 5 == 0) late.on_found();
  }
  late.update(kbps(1000), kbps(1000), kStart + ms(600));
  EXPECT_EQ(late.loss_ratio(), 0);
}

// Sends what the probes want over a line of `capacity`, and reports at once; the first thing found.
std::optional<Prober::Result> probed(Prober& prober, DataRate estimate, DataRate capacity) {
  Duration line;
  for (Timestamp now = kStart; now < kStart + Duration::seconds(1); now += ms(5)) {
    prober.on_tick(estimate, true, kPatience, now);
    while (prober.bytes_due(now) > 0) {
      uint8_t cluster = prober.cluster();
      prober.on_sent(1200, now);
      line = std::max(line, Duration::micros(now.us())) + Duration::micros(int64_t{1200} * 8'000'000 / capacity.bps());
      prober.on_received(cluster, now, line, 1200);
    }
    if (auto result = prober.take_result(estimate, now)) return result;
  }
  return std::nullopt;
}

TEST(Prober, begins_at_three_times_the_start_and_measures_what_gets_through) {
  Prober prober;
  prober.set_wanted(kbps(5000));
  auto found = probed(prober, kbps(1000), kbps(2000));
  ASSERT_TRUE(found);
  EXPECT_NEAR(static_cast<double>(found->rate.kbps()), 1900, 150);
  Prober free;
  free.set_wanted(kbps(5000));
  EXPECT_NEAR(static_cast<double>(probed(free, kbps(1000), kbps(100'000))->rate.kbps()), 3000, 400);
}

TEST(Prober, believes_at_once_what_shows_the_first_guess_too_high) {
  Prober prober;
  prober.set_wanted(kbps(5000));
  auto found = probed(prober, kbps(1000), kbps(600));
  ASSERT_TRUE(found);
  EXPECT_TRUE(found->first);
  EXPECT_NEAR(static_cast<double>(found->rate.kbps()), 570, 60);
  EXPECT_EQ(prober.probes(), 1u);
}

TEST(Prober, begins_at_once_and_anew_on_another_path) {
  Prober prober;
  prober.set_wanted(kbps(5000));
  ASSERT_TRUE(probed(prober, kbps(1000), kbps(600)));
  prober.on_decrease(kStart + ms(500));
  prober.on_tick(kbps(600), true, kPatience, kStart + ms(510));
  ASSERT_EQ(prober.cluster(), 0) << "it waits after a fall";
  prober.on_new_path(kStart + ms(520));
  prober.on_tick(kbps(600), true, kPatience, kStart + ms(520));
  ASSERT_NE(prober.cluster(), 0);
  EXPECT_EQ(prober.rate()->kbps(), 1800) << "three times the guess";
  EXPECT_EQ(prober.probes(), 2u);
}

TEST(Prober, seeks_what_was_lost_without_a_test_for_half_a_minute) {
  Prober prober;
  prober.set_wanted(kbps(60));
  prober.seek(kbps(1500), kStart);
  prober.on_tick(kbps(400), true, kPatience, kStart);
  EXPECT_NE(prober.cluster(), 0);
  Prober late;
  late.set_wanted(kbps(60));
  late.seek(kbps(1500), kStart);
  late.on_tick(kbps(400), true, kPatience, kStart + Duration::seconds(31));
  EXPECT_EQ(late.cluster(), 0);
}

TEST(Prober, asks_for_nothing_when_nothing_is_wanted_or_the_estimate_has_room) {
  Prober prober;
  prober.on_tick(kbps(1000), true, kPatience, kStart);
  EXPECT_EQ(prober.bytes_due(kStart), 0u);
  prober.set_wanted(kbps(600));
  prober.on_tick(kbps(1000), true, kPatience, kStart);
  EXPECT_EQ(prober.bytes_due(kStart), 0u);
}

TEST(Prober, is_content_with_a_little_less_than_it_could_find) {
  Prober prober;
  prober.set_wanted(kbps(2000));  // 3,000 at most
  prober.on_tick(kbps(2500), true, kPatience, kStart);
  EXPECT_EQ(prober.cluster(), 0);
  prober.set_wanted(kbps(2400));
  prober.on_tick(kbps(2500), true, kPatience, kStart);
  EXPECT_NE(prober.cluster(), 0);
}

TEST(Prober, leaves_a_queue_alone_and_gives_up_what_cannot_be_filled) {
  Prober prober;
  prober.set_wanted(kbps(5000));
  prober.on_tick(kbps(1000), false, kPatience, kStart);
  EXPECT_EQ(prober.bytes_due(kStart), 0u);
  prober.on_tick(kbps(1000), true, kPatience, kStart + ms(300));
  EXPECT_GT(prober.bytes_due(kStart + ms(300)), 0u);
  prober.on_tick(kbps(1000), true, kPatience, kStart + ms(900));
  EXPECT_EQ(prober.cluster(), 0);
}

TEST(ApplicationLimit, is_on_well_below_the_target) {
  ApplicationLimit limit;
  auto send = [&](DataRate rate, int from_ms, int to_ms) {
    for (int at = from_ms; at < to_ms; at += 10)
      limit.on_sent(static_cast<size_t>(rate.bps() / 800), kbps(1000), kStart + ms(at));
  };
  send(kbps(900), 0, 2000);
  EXPECT_FALSE(limit.limited());
  send(kbps(300), 2000, 4000);
  EXPECT_TRUE(limit.limited());
  send(kbps(1000), 4000, 6000);
  EXPECT_FALSE(limit.limited());
}

TEST(SendBudget, an_ordinary_frame_leaves_at_once_and_a_key_frame_over_several_turns) {
  SendBudget budget;
  const DataRate pacing = kbps(2500);  // of a target of 1 Mbit/s: a frame is 4 KB
  for (int packet = 0; packet < 4; ++packet) {
    EXPECT_TRUE(budget.may_send(pacing, kStart));
    budget.on_sent(1050, pacing, kStart);
  }
  int sent = 0;
  Timestamp now = kStart + ms(33);
  for (int turns = 0; sent < 40; ++turns, now += ms(5)) {
    ASSERT_LT(turns, 40);
    while (sent < 40 && budget.may_send(pacing, now)) {
      budget.on_sent(1050, pacing, now);
      ++sent;
    }
  }
  EXPECT_GT(now, kStart + ms(33 + 80)) << "42 KB at 2.5 Mbit/s take 134 ms, less the burst";
  EXPECT_LT(now, kStart + ms(33 + 120));
}

}  // namespace
}  // namespace footlight::congestion
