// Paths that break off, come back, or are another from one packet to the next.
#include <gtest/gtest.h>

#include "congestion/testing_by_hand.h"
#include "congestion/testing_network.h"

namespace footlight::congestion {
namespace {

using test::kStart;
using test::Path;
using test::Simulation;
using test::ViewerFlow;

DataRate kbps(int64_t v) { return DataRate::kbps(v); }
Duration s(int64_t v) { return Duration::seconds(v); }
Duration ms(int64_t v) { return Duration::millis(v); }

Path line(DataRate rate) { return {.capacity = {{Duration::zero(), rate}}}; }
Path cut_line(DataRate rate, Duration from, Duration until) {
  Path path = line(rate);
  path.cut_from = from;
  path.cut_until = until;
  return path;
}

class SeededRoute : public testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, SeededRoute, testing::Values(1, 2, 3));

TEST_P(SeededRoute, another_route_begins_with_the_first_guess_and_its_capacity_is_found_at_once) {
  Path path;
  path.capacity = {{s(0), kbps(5000)}, {s(10), kbps(3000)}};
  Simulation run(path, GetParam());
  ViewerFlow& viewer = run.add_viewer({});
  run.run_until(s(10));
  ASSERT_GE(viewer.controller().target(), kbps(4000));
  viewer.controller().on_route_change(kStart + s(10));
  EXPECT_EQ(viewer.controller().target(), SendLimits{}.start);
  EXPECT_FALSE(viewer.controller().window_full());
  run.run_until(s(11));
  EXPECT_GE(viewer.controller().target(), kbps(2200));
  EXPECT_LE(run.mean_queue(s(11), s(20)), ms(80));
}

TEST_P(SeededRoute, another_route_is_not_trusted_with_more_than_the_old_one_bore) {
  Simulation run(line(kbps(400)), GetParam());
  ViewerFlow& viewer = run.add_viewer({});
  run.run_until(s(10));
  const DataRate before = viewer.controller().target();
  ASSERT_LE(before, kbps(500));
  viewer.controller().on_route_change(kStart + s(10));
  EXPECT_EQ(viewer.controller().target(), before);
}

TEST_P(SeededRoute, a_change_of_route_while_feedback_flows_is_no_interruption) {
  Simulation run(line(kbps(3000)), GetParam());
  ViewerFlow& viewer = run.add_viewer({});
  run.run_until(s(10));
  viewer.controller().on_route_change(kStart + s(10));
  EXPECT_FALSE(viewer.controller().take_interrupted());
  run.run_until(s(20));
  EXPECT_FALSE(viewer.controller().take_interrupted());
}

TEST_P(SeededRoute, a_change_of_route_after_half_a_second_without_feedback_is_an_interruption) {
  Simulation run(cut_line(kbps(3000), s(10), s(20)), GetParam());
  ViewerFlow& viewer = run.add_viewer({});
  run.run_until(ms(10'600));
  EXPECT_FALSE(viewer.controller().silent());
  viewer.controller().on_route_change(kStart + ms(10'600));
  EXPECT_TRUE(viewer.controller().take_interrupted());
  EXPECT_FALSE(viewer.controller().take_interrupted()) << "told once";
}

TEST_P(SeededRoute, a_path_that_was_silent_for_five_seconds_is_used_again_within_one) {
  Simulation run(cut_line(kbps(3000), s(10), s(15)), GetParam());
  ViewerFlow& viewer = run.add_viewer({});
  run.run_until(s(15));
  EXPECT_TRUE(viewer.controller().silent());
  EXPECT_LE(viewer.controller().target(), kbps(500));
  run.run_until(s(16));
  EXPECT_FALSE(viewer.controller().silent());
  EXPECT_TRUE(viewer.controller().take_interrupted());
  EXPECT_GE(viewer.controller().target(), kbps(2200));
  EXPECT_EQ(viewer.controller().state().loss_based, std::nullopt) << "what was lost says nothing of a capacity";
  EXPECT_LE(run.mean_queue(s(16), s(25)), ms(80));
}

TEST_P(SeededRoute, silence_and_return_promise_a_slow_line_no_more_than_it_bore) {
  Simulation run(cut_line(kbps(400), s(20), s(23)), GetParam());
  ViewerFlow& viewer = run.add_viewer({});
  run.run_until(s(20));
  const DataRate before = viewer.controller().target();
  run.run_until(ms(23'150));
  EXPECT_LE(viewer.controller().target(), before);
  run.run_until(s(30));
  EXPECT_LE(run.mean_queue(s(24), s(30)), ms(120));
}

struct RouteByHand : test::ByHand {};

TEST_F(RouteByHand, losses_of_the_old_route_say_nothing_of_the_new_one) {
  send(1, kStart);
  report(1, kStart + ms(20));
  send(300, kStart + ms(30));
  controller.on_route_change(kStart + ms(900));
  send(5, kStart + ms(910));
  report(302, kStart + ms(930));
  EXPECT_EQ(controller.state().loss_ratio, 0);
  EXPECT_EQ(controller.target(), SendLimits{}.start);
  EXPECT_FALSE(controller.window_full());
}

TEST_F(RouteByHand, a_silent_path_is_asked_twice_a_second_though_no_media_waits) {
  controller.set_may_probe(true);
  controller.set_wanted(kbps(1));
  send(1, kStart);
  report(1, kStart + ms(20));
  send(10, kStart + ms(30));
  const int asked = tick(kStart + ms(30), kStart + s(6));
  EXPECT_TRUE(controller.silent());
  EXPECT_GE(asked, 9);
  EXPECT_LE(asked, 11);
}

TEST_F(RouteByHand, a_query_that_cannot_leave_ends_the_silence_and_costs_nothing) {
  controller.set_may_probe(true);
  send(1, kStart);
  report(1, kStart + ms(20));
  const DataRate before = controller.target();
  send(1, kStart + ms(30));  // lost, and the last one for a while
  for (Timestamp now = kStart; now < kStart + s(5); now += ms(10)) {
    controller.on_tick(now);
    if (controller.probe_bytes_due(now) > 0) controller.on_probe_unsent(now);
  }
  EXPECT_FALSE(controller.silent());
  EXPECT_EQ(controller.target(), before);
  send(10, kStart + s(60));
  report(3, kStart + s(60) + ms(30));
  EXPECT_FALSE(controller.take_interrupted()) << "nothing that is still wanted was lost";
}

TEST_F(RouteByHand, silence_after_which_nothing_was_sent_lowers_the_estimate_no_further) {
  send(1, kStart);
  report(1, kStart + ms(20));
  const DataRate before = controller.target();
  send(1, kStart + ms(30));
  (void)tick(kStart, kStart + s(5));  // nothing to probe with
  EXPECT_FALSE(controller.silent());
  EXPECT_EQ(controller.target(), before);
}

TEST_F(RouteByHand, on_a_path_that_is_back_a_key_frame_leaves_whole_before_the_next_feedback) {
  controller.set_may_probe(true);
  send(1, kStart);
  report(1, kStart + ms(20));
  send(10, kStart + ms(30));
  (void)tick(kStart, kStart + s(3));
  ASSERT_TRUE(controller.silent());
  send(1, kStart + s(3));
  report(12, kStart + s(3) + ms(20));
  ASSERT_FALSE(controller.silent());
  send(100, kStart + s(3) + ms(30));
  EXPECT_FALSE(controller.window_full());
}

TEST_F(RouteByHand, packets_that_stood_in_a_long_queue_are_no_return) {
  send(1, kStart);
  report(1, kStart + ms(20));
  send(10, kStart + ms(30));
  (void)tick(kStart, kStart + ms(1400));
  ASSERT_TRUE(controller.silent());
  const DataRate backed_off = controller.target();
  report(2, kStart + ms(1400));
  EXPECT_FALSE(controller.silent());
  EXPECT_FALSE(controller.take_interrupted());
  EXPECT_LE(controller.target(), backed_off);
}

}  // namespace
}  // namespace footlight::congestion
