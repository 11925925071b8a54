// Layers of a publisher, from their RIDs to each viewer's choice, through the shard core.
#include <gtest/gtest.h>

#include <set>

#include "relay/test_layers.h"
#include "relay/test_pipe_end.h"

namespace footlight::relay {
namespace {

using test::LayeredSource;
using test::NarrowLine;
using test::Network;
using test::Peer;
using test::PipeEnd;
using test::Received;

std::vector<LayeredSource::Layer> three_layers() {
  // About 120, 480 and 1,700 kbit/s at 30 pictures a second.
  return {{.rid = "q", .packets = 1, .size = 500, .width = 320, .height = 180},
          {.rid = "h", .packets = 2, .size = 1000, .width = 640, .height = 360},
          {.rid = "f", .packets = 7, .size = 1000, .width = 1280, .height = 720}};
}

// Packets of each layer are told by how many bytes they have; the two upper ones by their key frames' size.
int width_of(const Received& r) { return r.payload[12] | r.payload[13] << 8; }
bool is_key(const Received& r) { return (r.payload[0] & 0x10) && r.payload[6] == 0x10; }

std::vector<Received> in_order(const Peer& viewer) {
  std::map<int64_t, Received> packets;
  rtp::SeqUnwrapper unwrapper;
  for (const Received& r : viewer.video) packets.try_emplace(unwrapper.unwrap(rtp::SeqNum(r.seq)).value(), r);
  std::vector<Received> out;
  for (auto& [seq, r] : packets) out.push_back(std::move(r));
  return out;
}

// Numbers without a gap, timestamps and picture ids that only go on; pictures no further apart than `gap`.
void expect_continuous(const Peer& viewer, size_t from, Duration gap = Duration::millis(70)) {
  const auto packets = in_order(viewer);
  ASSERT_GT(packets.size(), from + 1);
  for (size_t i = from + 1; i < packets.size(); ++i) {
    const Received& a = packets[i - 1];
    const Received& b = packets[i];
    ASSERT_EQ(static_cast<uint16_t>(b.seq - a.seq), 1) << "packet " << i;
    const auto ticks = static_cast<int32_t>(b.time - a.time);
    const auto pictures =
        static_cast<uint16_t>((b.payload[2] << 8 | b.payload[3]) - (a.payload[2] << 8 | a.payload[3])) & 0x7fff;
    if (pictures == 0) {
      EXPECT_EQ(ticks, 0) << "packet " << i;
      continue;
    }
    EXPECT_EQ(pictures, 1) << "packet " << i;
    EXPECT_GT(ticks, 0) << "packet " << i;
    EXPECT_LE(ticks, gap.us() * 90 / 1000) << "packet " << i;
    const bool base = (b.payload[5] & 0xc0) == 0;
    EXPECT_EQ(static_cast<uint8_t>(b.payload[4] - a.payload[4]), base ? 1 : 0) << "packet " << i;
  }
}

struct SimulcastTest : testing::Test {
  Network network;
  Peer publisher{network, "10.0.0.1:5000", {.publishes = true, .video = "VP8", .rids = {"q", "h", "f"}}};
  Peer viewer{network, "10.0.0.2:5000", {.video = "VP8"}};
  LayeredSource source{network, publisher, three_layers()};

  SimulcastTest() { viewer.gives_feedback = true; }
  void publish() {
    ASSERT_TRUE(publisher.join("p", "s")) << publisher.error->detail;
    ASSERT_TRUE(publisher.connect());
  }
  void watch() {
    ASSERT_TRUE(viewer.join("v", "s"));
    ASSERT_TRUE(viewer.connect());
  }
  state::TrackObserved track(const char* session, size_t i) {
    for (auto& s : network.core().observed(network.now()).sessions)
      if (s.id == session)
        for (auto& t : s.media)
          if (t.kind == "video" && i-- == 0) return t;
    return {};
  }
  std::string layer_of_viewer() { return track("v", 0).layer; }
};

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
  source.send_rtx(source.layers[1], 5, std::vector<uint8_t>(100, 0x90));
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
