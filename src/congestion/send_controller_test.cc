#include "congestion/send_controller.h"

#include <gtest/gtest.h>

#include "congestion/testing_network.h"

namespace footlight::congestion {
namespace {

using test::Media;
using test::Path;
using test::Simulation;
using test::ViewerFlow;

DataRate kbps(int64_t v) { return DataRate::kbps(v); }
Duration s(int64_t v) { return Duration::seconds(v); }
double kbps_between(int64_t before, int64_t after, Duration span) {
  return static_cast<double>(after - before) * 8 / 1000 / span.seconds();
}

Path line(DataRate rate) { return {.capacity = {{Duration::zero(), rate}}}; }
Path step_down_and_up() { return {.capacity = {{s(0), kbps(3000)}, {s(20), kbps(500)}, {s(40), kbps(3000)}}}; }

class EachSeed : public testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, EachSeed, testing::Values(1, 2, 3));

TEST_P(EachSeed, a_steady_line_is_used_to_four_fifths_without_a_standing_queue) {
  Simulation run(line(kbps(3000)), GetParam());
  run.add_viewer({});
  run.run_until(s(40));
  EXPECT_LE(run.first_at_least(kbps(2400), s(0)).value_or(s(99)), s(1));
  EXPECT_GE(run.mean_received_kbps(s(5), s(40)), 0.8 * 3000);
  EXPECT_LE(run.mean_queue(s(5), s(40)), Duration::millis(60));
}

TEST_P(EachSeed, a_slow_line_is_used_to_four_fifths) {
  Simulation run(line(kbps(600)), GetParam());
  run.add_viewer({});
  run.run_until(s(40));
  EXPECT_GE(run.mean_received_kbps(s(5), s(40)), 0.8 * 600);
  EXPECT_LE(run.mean_queue(s(5), s(40)), Duration::millis(80));
}

TEST_P(EachSeed, a_fall_to_500_kbit_is_followed_within_two_seconds_and_its_queue_drains) {
  Simulation run(step_down_and_up(), GetParam());
  run.add_viewer({});
  run.run_until(s(60));
  auto down = run.first_at_most(kbps(500), s(20));
  ASSERT_TRUE(down);
  EXPECT_LE(*down - s(20), s(2));
  EXPECT_LE(run.mean_queue(s(23), s(40)), Duration::millis(80));
  EXPECT_GE(run.mean_received_kbps(s(25), s(40)), 0.75 * 500);
  auto up = run.first_at_least(kbps(2400), s(40));
  ASSERT_TRUE(up);
  EXPECT_LE(*up - s(40), s(10));
  std::printf("seed %u: down after %.2f s, up after %.2f s\n", GetParam(), (*down - s(20)).seconds(),
              (*up - s(40)).seconds());
}

TEST_P(EachSeed, a_deep_buffer_does_not_fill) {
  Path path = step_down_and_up();
  path.queue = s(2);
  Simulation run(path, GetParam());
  run.add_viewer({});
  run.run_until(s(40));
  EXPECT_LE(run.mean_queue(s(25), s(40)), Duration::millis(150));
}

TEST_P(EachSeed, random_loss_of_five_and_ten_percent_each_way_is_no_congestion) {
  for (double loss : {0.05, 0.10}) {
    Path path = line(kbps(3000));
    path.loss = path.feedback_loss = loss;
    Simulation run(path, GetParam());
    ViewerFlow& viewer = run.add_viewer({});
    run.run_until(s(60));
    EXPECT_GE(run.mean_target_kbps(s(5), s(60)), 0.7 * 3000) << loss;
    EXPECT_NEAR(viewer.controller().state().loss_ratio, loss, 0.04);
  }
}

TEST_P(EachSeed, a_policer_without_a_queue_is_found_by_its_loss) {
  Path path = line(kbps(2000));
  path.queue = Duration::millis(10);
  path.least_queue = 6 * 1200;
  Simulation run(path, GetParam());
  run.add_viewer({});
  run.run_until(s(60));
  EXPECT_GE(run.mean_received_kbps(s(10), s(60)), 800);
  EXPECT_LE(run.mean_target_kbps(s(10), s(60)), 1.15 * 2000);
}

TEST_P(EachSeed, jitter_of_30_ms_is_no_congestion) {
  Path path = line(kbps(3000));
  path.jitter = Duration::millis(30);
  Simulation run(path, GetParam());
  run.add_viewer({});
  run.run_until(s(60));
  EXPECT_GE(run.mean_received_kbps(s(10), s(60)), 0.7 * 3000);
}

TEST_P(EachSeed, two_viewers_share_a_line) {
  Simulation run(line(kbps(3000)), GetParam());
  ViewerFlow& one = run.add_viewer({});
  ViewerFlow& other = run.add_viewer({});
  run.run_until(s(60));
  double first = kbps_between(0, one.received_bytes(), s(60));
  double second = kbps_between(0, other.received_bytes(), s(60));
  EXPECT_GE(first + second, 0.75 * 3000);
  EXPECT_GE(std::min(first, second), 0.25 * (first + second));
}

TEST_P(EachSeed, a_bulk_transfer_does_not_starve_the_viewer_nor_the_viewer_it) {
  Simulation run(line(kbps(3000)), GetParam());
  ViewerFlow& viewer = run.add_viewer({});
  auto& bulk = run.add_reno();
  run.run_until(s(60));
  EXPECT_GE(kbps_between(0, viewer.received_bytes(), s(60)), 0.15 * 3000);
  EXPECT_GE(kbps_between(0, bulk.received_bytes(), s(60)), 0.15 * 3000);
}

TEST_P(EachSeed, what_cross_traffic_leaves_is_used_and_what_it_gives_back_is_found) {
  Simulation run(line(kbps(3000)), GetParam());
  run.add_viewer({});
  run.add_constant(kbps(1500), s(20), s(40));
  run.run_until(s(60));
  EXPECT_GE(run.mean_received_kbps(s(23), s(40)), 0.75 * 1500);
  EXPECT_LE(run.mean_target_kbps(s(23), s(40)), 1600);
  EXPECT_GE(run.mean_received_kbps(s(45), s(60)), 0.8 * 3000);
}

TEST_P(EachSeed, an_application_limited_estimate_stays_within_what_is_wanted) {
  Simulation run(line(kbps(20'000)), GetParam());
  ViewerFlow& viewer = run.add_viewer({.layers = {kbps(600)}});
  run.run_until(s(120));
  EXPECT_LE(viewer.controller().target(), kbps(1500));
  EXPECT_GE(viewer.controller().target(), kbps(600));
}

TEST_P(EachSeed, probes_find_the_capacity_that_a_low_layer_does_not_test) {
  Path path;
  path.capacity = {{s(0), kbps(500)}, {s(20), kbps(4000)}};
  Simulation run(path, GetParam());
  ViewerFlow& viewer = run.add_viewer({.layers = {kbps(150), kbps(600), kbps(2000)}});
  run.run_until(s(20));
  EXPECT_EQ(viewer.media_rate(), kbps(150));
  run.run_until(s(28));
  EXPECT_EQ(viewer.media_rate(), kbps(2000));
}

TEST_P(EachSeed, a_viewer_on_600_kbit_gets_the_low_layer_smoothly) {
  Simulation run(line(kbps(600)), GetParam());
  ViewerFlow& viewer = run.add_viewer({.layers = {kbps(150), kbps(400), kbps(2000)}});
  run.run_until(s(10));
  int64_t before = viewer.received_bytes();
  run.run_until(s(60));
  EXPECT_GE(kbps_between(before, viewer.received_bytes(), s(50)), 300);
  EXPECT_LE(run.mean_queue(s(10), s(60)), Duration::millis(60));
}

TEST_P(EachSeed, a_token_bucket_does_not_pass_for_capacity) {
  Path path = line(kbps(600));
  path.bucket = 5000;
  path.queue = Duration::millis(200);
  Simulation run(path, GetParam());
  ViewerFlow& viewer = run.add_viewer({.layers = {kbps(150), kbps(350), kbps(1200)}});
  run.run_until(s(10));
  int64_t before = viewer.received_bytes();
  run.run_until(s(60));
  EXPECT_LE(run.mean_target_kbps(s(10), s(60)), 700);
  EXPECT_GE(kbps_between(before, viewer.received_bytes(), s(50)), 380) << "the layer that fits, all the time";
}

TEST_P(EachSeed, a_key_frame_of_a_layer_that_fits_is_no_congestion) {
  Simulation run(line(kbps(3000)), GetParam());
  ViewerFlow& viewer = run.add_viewer({.layers = {kbps(150), kbps(600), kbps(2000)}, .key_every = 120, .key_size = 6});
  run.run_until(s(10));
  int64_t before = viewer.received_bytes();
  run.run_until(s(60));
  EXPECT_GE(kbps_between(before, viewer.received_bytes(), s(50)), 1950);
  EXPECT_GE(run.mean_target_kbps(s(10), s(60)), 2300);
}

TEST_P(EachSeed, probes_when_nothing_flows) {  // mediasoup #316
  Path path;
  path.capacity = {{s(0), kbps(300)}, {s(20), kbps(3000)}};
  Simulation run(path, GetParam());
  ViewerFlow& viewer = run.add_viewer({.silent_from = s(5), .silent_until = s(100)});
  run.run_until(s(20));
  EXPECT_LE(viewer.controller().target(), kbps(450));
  run.run_until(s(30));
  EXPECT_GE(viewer.controller().target(), kbps(2000));
}

TEST_P(EachSeed, video_that_comes_back_after_a_pause_finds_the_estimate_of_before) {
  Simulation run(line(kbps(3000)), GetParam());
  run.add_viewer({.silent_from = s(10), .silent_until = s(40)});
  run.run_until(s(60));
  EXPECT_GE(run.mean_received_kbps(s(42), s(60)), 0.7 * 3000);
}

TEST(SendController, without_a_way_to_probe_the_estimate_creeps_up_to_what_is_wanted) {
  Simulation run(line(kbps(8000)), 1);
  ViewerFlow& viewer = run.add_viewer({.layers = {kbps(600), kbps(2000)}, .may_probe = false});
  run.run_until(s(40));
  EXPECT_GE(viewer.controller().target(), kbps(2000));
  EXPECT_LE(viewer.controller().target(), kbps(3000));
  EXPECT_EQ(viewer.padding_bytes(), 0);
}

TEST(SendController, reports_alone_carry_a_viewer_without_transport_feedback) {
  for (double loss : {0.0, 0.05}) {
    Path path = line(kbps(3000));
    path.loss = loss;
    Simulation run(path, 1);
    run.add_viewer({.feedback = false});
    run.run_until(s(90));
    EXPECT_GE(run.mean_received_kbps(s(45), s(90)), 0.6 * 3000) << loss;
    EXPECT_LE(run.mean_queue(s(45), s(90)), Duration::millis(150)) << loss;
  }
}

TEST(SendController, silence_of_the_viewer_lets_the_estimate_decay_and_its_return_brings_it_back) {
  Simulation run(line(kbps(3000)), 1);
  ViewerFlow& viewer = run.add_viewer({});
  run.run_until(s(10));
  viewer.mute_feedback = true;
  run.run_until(s(16));
  EXPECT_LE(viewer.controller().target(), kbps(300));
  viewer.mute_feedback = false;
  run.run_until(s(26));
  EXPECT_GE(viewer.controller().target(), kbps(2000));
}

TEST(SendController, a_path_on_which_nothing_was_sent_wants_nothing) {
  SendController controller({}, true);
  controller.set_may_probe(true);
  controller.on_tick(Timestamp::millis(1));
  EXPECT_EQ(controller.probe_bytes_due(Timestamp::millis(1)), 0u);
  EXPECT_FALSE(controller.window_full());
}

TEST(SendController, a_viewer_costs_at_most_ten_kibibytes) { EXPECT_LE(sizeof(SendController), 10u * 1024); }

}  // namespace
}  // namespace footlight::congestion
