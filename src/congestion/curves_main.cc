// Runs the rate curves of docs/congestion.md over the seeded network and writes them as CSV to stdout: a line
// `# name: title` before each run. tools/draw_congestion makes the plots of them.
#include <fmt/core.h>

#include "congestion/testing_network.h"

namespace {

using namespace footlight;
using namespace footlight::congestion::test;

constexpr uint32_t kSeed = 1;

struct Run {
  const char* name;
  const char* title;
  Path path;
  Media media;
  DataRate constant;  // cross traffic from 20 to 40 s
  bool bulk = false;
};

Duration s(int64_t v) { return Duration::seconds(v); }
DataRate kbps(int64_t v) { return DataRate::kbps(v); }

std::vector<Run> runs() {
  const std::vector<Path::Step> flat = {{s(0), kbps(3000)}};
  const std::vector<Path::Step> step = {{s(0), kbps(3000)}, {s(20), kbps(500)}, {s(40), kbps(3000)}};
  const std::vector<DataRate> layers = {kbps(150), kbps(600), kbps(2000)};
  return {
      {"step", "3 Mbit/s, 500 kbit/s from 20 to 40 s, media follows the target", {.capacity = step}, {}},
      {"layers", "The same line, three layers of 150, 600 and 2000 kbit/s", {.capacity = step}, {.layers = layers}},
      {"loss", "10 % random loss each way", {.capacity = flat, .loss = 0.1, .feedback_loss = 0.1}, {}},
      {"jitter", "30 ms of jitter", {.capacity = flat, .jitter = Duration::millis(30)}, {}},
      {"cross", "1.5 Mbit/s of other traffic from 20 to 40 s", {.capacity = flat}, {}, kbps(1500)},
      {"bulk", "Beside a bulk transfer (Reno)", {.capacity = flat}, {}, {}, true},
  };
}

void print(const Run& run) {
  Simulation simulation(run.path, kSeed);
  (void)simulation.add_viewer(run.media);
  if (run.constant > DataRate{}) simulation.add_constant(run.constant, s(20), s(40));
  if (run.bulk) (void)simulation.add_reno();
  simulation.run_until(s(60));
  fmt::print("# {}: {}\n", run.name, run.title);
  for (const Sample& sample : simulation.samples())
    fmt::print("{:.2f},{},{},{},{:.1f}\n", sample.at.seconds(), sample.capacity.kbps(), sample.target.kbps(),
               sample.received.kbps(), static_cast<double>(sample.queue_delay.us()) / 1000);
}

}  // namespace

int main() {
  fmt::print("seconds,capacity_kbps,target_kbps,received_kbps,queue_ms\n");
  for (const Run& run : runs()) print(run);
}
