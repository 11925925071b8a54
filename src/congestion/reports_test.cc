// Viewers that are judged by receiver reports, and who is.
#include <gtest/gtest.h>

#include "congestion/testing_by_hand.h"
#include "congestion/testing_network.h"

namespace footlight::congestion {
namespace {

using test::kStart;

DataRate kbps(int64_t v) { return DataRate::kbps(v); }
Duration s(int64_t v) { return Duration::seconds(v); }
Duration ms(int64_t v) { return Duration::millis(v); }

struct Reports : test::ByHand {};

TEST_F(Reports, reports_on_sound_alone_are_no_doubt_in_feedback) {
  controller.set_may_probe(true);
  controller.set_wanted(kbps(3000));
  Timestamp now = kStart;
  for (int second = 0; second < 10; ++second, now += s(1)) {  // the camera is off, and sound bears no numbers
    send_plain(50, now);
    controller.on_receiver_report({50, 0}, now + ms(500));
  }
  send(3, now);
  report(1, now + ms(30));
  EXPECT_GT(tick(now + ms(40), now + ms(200)), 0) << "probes, as before";
}

TEST_F(Reports, a_viewer_whose_reports_come_first_is_believed_when_its_feedback_comes) {
  controller.set_may_probe(true);
  controller.set_wanted(kbps(3000));
  Timestamp now = kStart;
  for (int second = 0; second < 10; ++second, now += s(1)) {
    send(20, now);
    controller.on_receiver_report({20, 0}, now + ms(500));
  }
  EXPECT_EQ(tick(now, now + s(1)), 0) << "it never sent any";
  report(1, now + s(1));
  EXPECT_GT(tick(now + s(1), now + ms(1200)), 0);
}

// A viewer that never agreed on feedback, and 960 kbit/s to it.
struct ReportsAlone : testing::Test {
  void second(Duration round_trip, bool reports = true) {
    for (int i = 0; i < 100; ++i, now += ms(10)) controller.on_packet_sent(std::nullopt, 1200, now);
    controller.on_round_trip(round_trip, now);
    if (reports) controller.on_receiver_report({100, 0}, now);
  }
  SendController controller{{}, false};
  Timestamp now = kStart;
};

TEST_F(ReportsAlone, a_longer_way_for_good_is_no_queue_without_feedback) {
  controller.set_wanted(kbps(1000));
  for (int i = 0; i < 30; ++i) second(ms(40));
  ASSERT_GE(controller.target(), kbps(1400));
  for (int i = 0; i < 60; ++i) second(ms(180));
  EXPECT_GE(controller.target(), kbps(1400));
}

TEST_F(ReportsAlone, what_was_sent_before_the_first_report_is_no_part_of_the_second) {
  for (int i = 0; i < 20; ++i) second(ms(40), false);
  second(ms(40));
  for (int i = 0; i < 5; ++i) controller.on_round_trip(ms(400), now);
  second(ms(400));
  EXPECT_LE(controller.target(), kbps(830)) << "a queue stands, and 960 arrive";
}

TEST_F(ReportsAlone, a_viewer_that_cannot_be_probed_is_at_rest) {
  controller.set_wanted(kbps(3000));
  controller.set_may_probe(true);
  EXPECT_TRUE(controller.at_rest()) << "without feedback";
}

TEST_F(Reports, a_viewer_is_at_rest_unless_something_is_to_be_found_out) {
  controller.set_wanted(kbps(3000));
  EXPECT_TRUE(controller.at_rest()) << "nothing to probe with";
  controller.set_may_probe(true);
  EXPECT_FALSE(controller.at_rest());
  controller.set_wanted({});
  EXPECT_TRUE(controller.at_rest()) << "nothing is wanted";
  controller.set_wanted(kbps(500));
  (void)tick(kStart, kStart + ms(20));
  EXPECT_TRUE(controller.at_rest()) << "there is room for all";
}

TEST_F(Reports, a_viewer_on_a_silent_path_is_not_at_rest_until_it_was_asked) {
  controller.set_may_probe(true);
  send(1, kStart);
  report(1, kStart + ms(20));
  send(1, kStart + ms(30));
  for (Timestamp now = kStart; now < kStart + ms(1100); now += ms(10)) controller.on_tick(now);
  EXPECT_FALSE(controller.at_rest());
  send(1, kStart + ms(1100));
  EXPECT_TRUE(controller.at_rest());
}

}  // namespace
}  // namespace footlight::congestion
