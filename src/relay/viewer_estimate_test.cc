// What the relay believes of a viewer's line, by what the viewer can tell of it.
#include <gtest/gtest.h>

#include <set>

#include "relay/test_layers.h"

namespace footlight::relay {
namespace {

using test::LayeredSource;
using test::NarrowLine;
using test::Network;
using test::Peer;

// A presenter of one layer, about 1,700 kbit/s, with sound; and a viewer behind a line.
struct ViewerEstimateTest : testing::Test {
  Network network;
  Peer publisher{network, "10.0.0.1:5000", {.publishes = true, .video = "VP8", .rids = {"f"}}};
  LayeredSource source{
      network, publisher, {{.rid = "f", .packets = 7, .key_packets = 20, .size = 1000, .width = 1280, .height = 720}}};

  void watch(Peer& viewer) {
    network.link.delay = Duration::millis(20);
    viewer.gives_feedback = true;
    ASSERT_TRUE(publisher.join("p", "s"));
    ASSERT_TRUE(publisher.connect());
    source.send_picture();
    network.run(Duration::millis(50));
    ASSERT_TRUE(viewer.join("v", "s"));
    ASSERT_TRUE(viewer.connect());
  }
  // 30 pictures and 50 packets of sound a second, and a report of the viewer's each second.
  void stream(Peer& viewer, Duration duration) {
    for (Timestamp end = network.now() + duration; network.now() < end; network.run(Duration::millis(1)), ++clock_) {
      if (clock_ % 33 == 0) source.send_picture();
      if (clock_ % 20 == 0) publisher.send_audio();
      if (clock_ % 1000 == 999) report_of(viewer);
    }
  }
  void report_of(Peer& viewer) {
    rtp::rtcp::ReportBlock block;
    block.source = viewer.watched_video;
    std::set<uint16_t> seen;
    for (const test::Received& r : viewer.video) seen.insert(r.seq);
    if (seen.empty()) return;
    block.highest_seq = *seen.rbegin();  // a first number is below 2^15, and these are few
    block.cumulative_lost = static_cast<int32_t>(*seen.rbegin() - *seen.begin() + 1u - seen.size());
    std::array<uint8_t, 100> buffer{};
    ByteWriter writer(buffer);
    rtp::rtcp::ReceiverReport{.sender = rtp::Ssrc(5)}.write(writer, std::span(&block, 1));
    viewer.send_rtcp(writer.written());
  }
  int64_t estimate() {
    for (auto& s : network.core().observed(network.now()).sessions)
      if (s.id == "v") return s.estimate_bps;
    return 0;
  }

 private:
  int clock_ = 0;
};

TEST_F(ViewerEstimateTest, a_viewer_whose_pictures_bear_no_numbers_is_judged_by_reports) {
  Peer viewer{network, "10.0.0.2:5000", {.video = "VP8", .rtx = false}};
  NarrowLine line(network, viewer, DataRate::kbps(4000));
  watch(viewer);
  stream(viewer, Duration::seconds(10));
  line.rate = DataRate::kbps(1500);  // a queue stands for a moment, and nothing is lost
  stream(viewer, Duration::millis(700));
  line.rate = DataRate::kbps(4000);
  stream(viewer, Duration::seconds(3));
  EXPECT_GT(estimate(), 700'000) << "its sound's numbers alone made 255,000 of it";
}

}  // namespace
}  // namespace footlight::relay
