#pragma once
// For tests: a publisher of three layers, a viewer of them, and what the viewer must see over all changes.
#include <gtest/gtest.h>

#include "relay/test_layers.h"

namespace footlight::relay::test {

inline std::vector<LayeredSource::Layer> three_layers() {
  // About 120, 480 and 1,700 kbit/s at 30 pictures a second.
  return {{.rid = "q", .packets = 1, .size = 500, .width = 320, .height = 180},
          {.rid = "h", .packets = 2, .size = 1000, .width = 640, .height = 360},
          {.rid = "f", .packets = 7, .size = 1000, .width = 1280, .height = 720}};
}

// Packets of each layer are told by how many bytes they have; the two upper ones by their key frames' size.
inline int width_of(const Received& r) { return r.payload[12] | r.payload[13] << 8; }
inline bool is_key(const Received& r) { return (r.payload[0] & 0x10) && r.payload[6] == 0x10; }

inline std::vector<Received> packets_in_order(const Peer& viewer) {
  std::map<int64_t, Received> packets;
  rtp::SeqUnwrapper unwrapper;
  for (const Received& r : viewer.video) packets.try_emplace(unwrapper.unwrap(rtp::SeqNum(r.seq)).value(), r);
  std::vector<Received> out;
  for (auto& [seq, r] : packets) out.push_back(std::move(r));
  return out;
}

// Numbers without a gap, timestamps and picture ids that only go on; pictures no further apart than `gap`.
inline void expect_continuous(const Peer& viewer, size_t from, Duration gap = Duration::millis(70)) {
  const auto packets = packets_in_order(viewer);
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
  // The viewer has the best layer.
  void watch_best() {
    publish();
    source.stream(Duration::millis(500));
    source.send_reports();
    watch();
    source.stream(Duration::seconds(8));
    ASSERT_EQ(layer_of_viewer(), "f");
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

}  // namespace footlight::relay::test
