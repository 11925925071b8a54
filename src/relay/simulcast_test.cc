// Layers of a publisher, from their RIDs to each viewer's choice, through the shard core.
#include "relay/test_pipe_end.h"
#include "relay/test_simulcast.h"

namespace footlight::relay {
namespace {

using test::expect_continuous;
using test::is_key;
using test::NarrowLine;
using test::Peer;
using test::PipeEnd;
using test::Received;
using test::SimulcastTest;
using test::width_of;

TEST_F(SimulcastTest, layers_are_learned_by_rid_and_each_is_seen_in_observed_state) {
  publish();
  source.stream(Duration::seconds(2));
  for (size_t i = 0; i < 3; ++i) {
    const auto seen = track("p", i);
    EXPECT_EQ(seen.layer, source.layers[i].rid);
    EXPECT_EQ(seen.state, "live");
    EXPECT_EQ(seen.width, source.layers[i].width);
    EXPECT_EQ(seen.packets, 60 * source.layers[i].packets);
    EXPECT_NEAR(seen.fps, 30, 4);
  }
  EXPECT_EQ(network.core().counters().dropped(Drop::kUnknownSsrc), 0u);
}

// mediasoup #1653
TEST_F(SimulcastTest, a_retransmission_before_its_media_stream_is_seen_does_no_harm) {
  publish();
  source.send_rtx(source.layers[1], source.header_of(source.layers[1], 5, false), std::vector<uint8_t>(100, 0x90));
  network.run(Duration::millis(10));
  source.stream(Duration::seconds(1));
  EXPECT_EQ(track("p", 1).packets, 60);
  EXPECT_EQ(track("p", 1).layer, "h");
}

TEST_F(SimulcastTest, a_viewer_rises_to_the_best_layer_without_a_seam) {
  publish();
  source.stream(Duration::millis(500));
  source.send_reports();
  watch();
  source.stream(Duration::seconds(8));
  EXPECT_EQ(layer_of_viewer(), "f");
  expect_continuous(viewer, 0);
}

TEST_F(SimulcastTest, layers_without_a_sender_report_are_laid_on_one_line_by_their_arrival) {
  publish();
  source.stream(Duration::millis(500));
  watch();
  source.stream(Duration::seconds(8));
  EXPECT_EQ(layer_of_viewer(), "f");
  expect_continuous(viewer, 0);
}

TEST_F(SimulcastTest, a_viewer_on_600_kbit_s_gets_a_smooth_low_layer) {
  publish();
  source.stream(Duration::millis(500));
  source.send_reports();
  NarrowLine line(network, viewer, DataRate::kbps(600));
  watch();
  source.stream(Duration::seconds(10));
  const size_t settled = viewer.video.size();
  const Timestamp from = network.now();
  source.stream(Duration::seconds(10));
  Timestamp last = from;
  Duration longest = Duration::zero();
  for (size_t i = settled; i < viewer.video.size(); ++i) {
    longest = std::max(longest, viewer.video[i].at - last);
    last = viewer.video[i].at;
  }
  EXPECT_LT(longest.ms(), 300);
  EXPECT_GE(viewer.video.size() - settled, 250u);
  EXPECT_NE(layer_of_viewer(), "f");
}

TEST_F(SimulcastTest, a_line_that_becomes_narrow_is_followed_down_and_up_again) {
  publish();
  source.stream(Duration::millis(500));
  source.send_reports();
  NarrowLine line(network, viewer, DataRate::kbps(4000));
  watch();
  source.stream(Duration::seconds(8));
  ASSERT_EQ(layer_of_viewer(), "f");
  line.rate = DataRate::kbps(500);
  const uint64_t resent = network.core().counters().resends;
  source.stream(Duration::seconds(4));
  EXPECT_NE(layer_of_viewer(), "f");
  EXPECT_LE(network.core().counters().resends - resent, 80u) << "155 kept its queue full";
  line.rate = DataRate::kbps(4000);
  source.stream(Duration::seconds(25));
  EXPECT_EQ(layer_of_viewer(), "f");
}

TEST_F(SimulcastTest, a_frozen_layer_is_left_and_taken_up_again) {
  publish();
  source.stream(Duration::millis(500));
  watch();
  source.stream(Duration::seconds(8));
  ASSERT_EQ(layer_of_viewer(), "f");
  source.layers[2].frozen = true;
  source.stream(Duration::seconds(2));
  EXPECT_EQ(layer_of_viewer(), "h");
  const size_t before = viewer.video.size();
  source.layers[2].frozen = false;
  source.stream(Duration::seconds(6));
  EXPECT_EQ(layer_of_viewer(), "f");
  EXPECT_GT(viewer.video.size(), before);
  expect_continuous(viewer, 0, Duration::millis(800));  // mediasoup #1459
}

TEST_F(SimulcastTest, a_slide_of_one_picture_a_second_keeps_its_best_layer_and_asks_for_no_key_frame) {
  watch_best();
  const auto asked = publisher.plis_of;
  for (int i = 0; i < 200; ++i) {
    if (i % 10 == 0) {
      source.send_picture(Duration::millis(30));
      network.run(Duration::millis(10));
    } else {
      network.run(Duration::millis(100));
    }
    EXPECT_EQ(layer_of_viewer(), "f") << i;
  }
  EXPECT_EQ(publisher.plis_of, asked);
}

TEST_F(SimulcastTest, a_layer_of_padding_alone_is_frozen) {
  watch_best();
  source.layers[2].padding = true;
  source.stream(Duration::seconds(2));
  EXPECT_EQ(layer_of_viewer(), "h");
  expect_continuous(viewer, 0, Duration::millis(800));
}

TEST_F(SimulcastTest, a_layer_that_gives_no_key_frame_costs_the_viewer_nothing) {
  publish();
  source.stream(Duration::seconds(3));
  for (auto& layer : source.layers) layer.mute = layer.rid == "f";
  watch();
  source.stream(Duration::seconds(10));
  EXPECT_EQ(layer_of_viewer(), "h");
  expect_continuous(viewer, 0);
}

TEST_F(SimulcastTest, compose_gets_the_layer_that_its_slot_needs) {
  PipeEnd compose(network, "127.0.0.1:6000", "pipe1");
  publish();
  compose.desired.consume = {"s"};
  state::RelayDesired desired;
  desired.generation = 1;
  desired.pipes = {compose.desired};
  network.core().apply(desired, network.now());
  source.stream(Duration::seconds(3));
  uint32_t ssrc = 0;
  for (const auto& t : publisher.reply.tracks)
    if (t.kind == "video") ssrc = t.ssrc;
  auto wish = [&](uint16_t width, uint16_t height) {
    std::array<uint8_t, 100> buffer{};
    ByteWriter writer(buffer);
    const rtp::Ssrc own(compose.desired.key.compose_ssrc);
    rtp::rtcp::ReceiverReport{.sender = own}.write(writer);
    rtp::rtcp::LayerWish{own, rtp::Ssrc(ssrc), width, height}.write(writer);
    compose.send_rtcp(writer.written());
    compose.received[ssrc].clear();
    source.stream(Duration::seconds(2));
  };
  auto widest = [&] {
    int width = 0;
    for (const Received& r : compose.received[ssrc])
      if (is_key(r)) width = width_of(r);
    return width;
  };
  EXPECT_EQ(
      std::ranges::max(compose.received[ssrc], {}, [](const Received& r) { return r.payload.size(); }).payload.size(),
      1000u);
  wish(320, 180);
  EXPECT_EQ(widest(), 320);
  wish(600, 300);
  EXPECT_EQ(widest(), 640);
  wish(0, 0);
  wish(0, 0);
  EXPECT_TRUE(compose.received[ssrc].empty());
  wish(1280, 720);
  EXPECT_EQ(widest(), 1280);
}

TEST_F(SimulcastTest, a_viewer_whose_codec_a_new_publisher_does_not_send_is_told_to_be_idle) {
  publish();
  source.stream(Duration::seconds(1));
  watch();
  source.stream(Duration::seconds(1));
  EXPECT_EQ(track("v", 0).state, "live");
  Peer other(network, "10.0.0.3:5000", {.publishes = true});
  ASSERT_TRUE(other.join("p2", "s"));
  ASSERT_TRUE(other.connect());
  const size_t before = viewer.video.size();
  for (int i = 0; i < 30; ++i) {
    other.send_frame(i == 0);
    network.run(Duration::millis(33));
  }
  EXPECT_EQ(track("v", 0).state, "idle");
  EXPECT_EQ(viewer.video.size(), before);
}

// mediasoup #1009, #1494, #1635
TEST_F(SimulcastTest, a_viewer_below_the_lowest_layer_gets_fewer_pictures_and_no_holes) {
  source.layers[0].size = 1100;  // about 270 kbit/s
  source.temporal = true;
  for (auto& layer : source.layers) layer.frozen = layer.rid != "q";
  publish();
  source.stream(Duration::millis(500));
  NarrowLine line(network, viewer, DataRate::kbps(200));
  watch();
  source.stream(Duration::seconds(10));
  const size_t settled = viewer.video.size();
  const int64_t lost = line.lost;
  source.stream(Duration::seconds(6));
  EXPECT_GE(viewer.video.size() - settled, 40u);
  EXPECT_LE(viewer.video.size() - settled, 150u);
  EXPECT_EQ(line.lost, lost);
  expect_continuous(viewer, settled, Duration::millis(300));
}

}  // namespace
}  // namespace footlight::relay
