// Lines that a real audience has: far, narrow, shaking, or away for a while. Each is run on three seeds of the network.
#include <gtest/gtest.h>

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

class HardLine : public testing::TestWithParam<uint32_t> {};
INSTANTIATE_TEST_SUITE_P(Seeds, HardLine, testing::Values(1, 2, 3));

TEST_P(HardLine, a_line_of_80_kbit_carries_the_voice_with_less_than_half_a_second_of_delay) {
  for (int64_t rate : {80, 100, 150}) {
    Simulation run(line(kbps(rate)), GetParam());
    ViewerFlow& viewer = run.add_viewer({.layers = {kbps(150), kbps(600), kbps(2000)}});
    run.run_until(s(10));
    (void)viewer.take_voice_delay();
    run.run_until(s(60));
    const Duration delay = viewer.take_voice_delay();
    EXPECT_LE(delay.ms(), 500) << rate;
    EXPECT_GE(run.mean_received_kbps(s(10), s(60)), 0.75 * static_cast<double>(rate))
        << "and pictures, as there is room";
    std::printf("seed %u, %lld kbit/s: voice %lld ms, target %.0f, queue %lld ms\n", GetParam(),
                static_cast<long long>(rate), static_cast<long long>(delay.ms()), run.mean_target_kbps(s(10), s(60)),
                static_cast<long long>(run.mean_queue(s(10), s(60)).ms()));
  }
}

TEST_P(HardLine, a_satellite_line_of_900_ms_finds_its_capacity) {
  for (int64_t round_trip : {900, 1200}) {
    Path path = line(kbps(3000));
    path.delay = ms(round_trip / 2);
    Simulation run(path, GetParam());
    ViewerFlow& viewer = run.add_viewer({.layers = {kbps(150), kbps(600), kbps(2000)}});
    run.run_until(s(15));
    EXPECT_EQ(viewer.media_rate(), kbps(2000)) << round_trip;
    run.run_until(s(60));
    EXPECT_GE(run.mean_target_kbps(s(15), s(60)), 2000) << round_trip;
    EXPECT_LE(run.mean_queue(s(15), s(60)), ms(80)) << round_trip;
  }
}

TEST_P(HardLine, a_satellite_line_that_was_cut_for_ten_seconds_is_used_again_within_eight) {
  Path path = line(kbps(3000));
  path.delay = ms(550);
  path.cut_from = s(30);
  path.cut_until = s(40);
  Simulation run(path, GetParam());
  ViewerFlow& viewer = run.add_viewer({});
  run.run_until(s(40));
  EXPECT_LE(viewer.controller().target(), kbps(500));
  run.run_until(s(48));
  EXPECT_TRUE(viewer.controller().take_interrupted());
  EXPECT_GE(viewer.controller().target().kbps(), 1500);
}

TEST_P(HardLine, a_still_slide_on_a_jittery_line_keeps_its_estimate) {
  Path path = line(kbps(3000));
  path.jitter = ms(60);
  Simulation run(path, GetParam());
  ViewerFlow& viewer = run.add_viewer({.layers = {kbps(1000)}, .silent_from = s(20), .silent_until = s(80)});
  run.add_constant(kbps(2400), s(30), s(32));
  run.add_constant(kbps(3200), s(40), s(41));
  run.add_constant(kbps(3200), s(50), s(51));
  run.run_until(s(20));
  EXPECT_GE(viewer.controller().target().kbps(), 1000);
  viewer.controller().set_wanted(kbps(60));
  DataRate least = kbps(9999);
  for (Duration at = s(20); at < s(80); at += ms(100)) {
    run.run_until(at);
    least = std::min(least, viewer.controller().target());
  }
  std::printf("seed %u: least %lld, at the end %lld\n", GetParam(), static_cast<long long>(least.kbps()),
              static_cast<long long>(viewer.controller().target().kbps()));
  EXPECT_GE(viewer.controller().target().kbps(), 700);
}

TEST_P(HardLine, a_tab_hidden_for_half_a_minute_has_its_picture_back_at_once) {
  Simulation run(line(kbps(3000)), GetParam());
  ViewerFlow& viewer = run.add_viewer({.layers = {kbps(2000)}, .silent_from = s(20), .silent_until = s(50)});
  run.run_until(s(20));
  viewer.controller().set_wanted(kbps(60));  // sound alone
  run.run_until(s(50));
  EXPECT_GE(viewer.controller().target().kbps(), 2000);
  viewer.controller().set_wanted(kbps(2000));
  run.run_until(s(60));
  EXPECT_GE(run.mean_received_kbps(ms(50'700), s(60)), 1900);
  EXPECT_LE(run.mean_queue(s(50), s(60)), ms(60));
}

TEST_P(HardLine, bursts_of_loss_at_40_ms_are_no_congestion) {
  Path path = line(kbps(3000));
  path.delay = ms(20);
  path.loss = 0.02;
  path.burst = 8;
  Simulation run(path, GetParam());
  run.add_viewer({});
  run.run_until(s(60));
  std::printf("seed %u: target %.0f kbit/s\n", GetParam(), run.mean_target_kbps(s(5), s(60)));
  EXPECT_GE(run.mean_target_kbps(s(5), s(60)), 0.7 * 3000);
}

TEST_P(HardLine, a_tunnel_of_five_seconds_costs_no_more_than_five_after_it) {
  Path path;
  path.capacity = {{s(0), kbps(5000)}, {s(20), kbps(200)}, {s(25), kbps(5000)}};
  Simulation run(path, GetParam());
  ViewerFlow& viewer = run.add_viewer({.layers = {kbps(100), kbps(600), kbps(2000)}});
  run.run_until(s(20));
  EXPECT_EQ(viewer.media_rate(), kbps(2000));
  run.run_until(s(40));
  auto down = run.first_at_most(kbps(200), s(20));
  auto up = run.first_at_least(kbps(2100), s(25));
  ASSERT_TRUE(down && up);
  std::printf("seed %u: down after %.2f s, up after %.2f s\n", GetParam(), (*down - s(20)).seconds(),
              (*up - s(25)).seconds());
  EXPECT_LE(*down - s(20), s(3));
  EXPECT_LE(*up - s(25), s(8));
  EXPECT_LE(run.mean_queue(s(23), s(25)), ms(500));
}

}  // namespace
}  // namespace footlight::congestion
