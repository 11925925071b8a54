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

}  // namespace
}  // namespace footlight::congestion
