// Viewers whose path breaks off: another address, or the same one after a while. The session is the same, and the
// picture goes on with one key frame.
#include <gtest/gtest.h>

#include "relay/test_layers.h"

namespace footlight::relay {
namespace {

using test::LayeredSource;
using test::Network;
using test::Peer;
using test::Received;

bool is_key(const Received& r) { return (r.payload[0] & 0x10) && r.payload[6] == 0x10; }

// One layer of 30 pictures a second at about 2,600 kbit/s, with key frames of 80 kB when they are asked for.
struct RouteChangeTest : testing::Test {
  Network network;
  Peer publisher{network, "10.0.0.1:5000", {.publishes = true, .video = "VP8", .rids = {"f"}}};
  Peer viewer{network, "10.0.0.2:5000", {.video = "VP8"}};
  LayeredSource source{
      network, publisher, {{.rid = "f", .packets = 11, .key_packets = 80, .size = 1000, .width = 1280, .height = 720}}};

  void start() {
    network.link.delay = Duration::millis(20);
    viewer.gives_feedback = true;
    ASSERT_TRUE(publisher.join("p", "s"));
    ASSERT_TRUE(publisher.connect());
    source.stream(Duration::millis(200));
    ASSERT_TRUE(viewer.join("v", "s"));
    ASSERT_TRUE(viewer.connect());
    source.stream(Duration::seconds(5));
    ASSERT_GT(estimate(), 2'000'000);
    asked_before = asked();
    refused_before = network.core().counters().resends_refused;
    resent_before = network.core().counters().resends;
  }
  // Nothing comes to the viewer's address or leaves it.
  void cut(Duration span) {
    network.detach(viewer.at());
    source.stream(span);
  }
  void come_back() {
    network.attach(viewer.at(), &viewer);
    seen = viewer.video.size();
  }
  int asked() { return publisher.plis_of[source.layers[0].ssrc.value()]; }
  int64_t estimate() {
    for (auto& s : network.core().observed(network.now()).sessions)
      if (s.id == "v") return s.estimate_bps;
    return 0;
  }
  // From `since` on: the wait for the first key frame, and the longest between packets after it.
  void expect_one_freeze(Timestamp since) {
    ASSERT_GT(viewer.video.size(), seen);
    EXPECT_TRUE(is_key(viewer.video[seen])) << "nothing that cannot be shown comes before it";
    EXPECT_LE(viewer.video[seen].at - since, Duration::millis(200)) << "asked for, made and sent over 20 ms each way";
    EXPECT_EQ(asked() - asked_before, 1);
    EXPECT_GT(network.core().counters().resends_refused, refused_before);
    EXPECT_EQ(network.core().counters().resends, resent_before) << "what the key frame replaces is not sent again";
    for (size_t i = seen + 1; i < viewer.video.size(); ++i)
      EXPECT_LE(viewer.video[i].at - viewer.video[i - 1].at, Duration::millis(120)) << i;
    EXPECT_GT(estimate(), 2'000'000);
  }

  size_t seen = 0;
  int asked_before = 0;
  uint64_t refused_before = 0;
  uint64_t resent_before = 0;
};

TEST_F(RouteChangeTest, a_viewer_that_moves_after_two_seconds_without_a_path_goes_on_with_a_key_frame_at_once) {
  start();
  cut(Duration::seconds(2));
  come_back();
  viewer.move_to("10.77.0.1:40000");
  const Timestamp moved = network.now();
  source.stream(Duration::seconds(5));
  expect_one_freeze(moved);
}

TEST_F(RouteChangeTest, a_viewer_whose_path_is_back_after_three_seconds_goes_on_with_a_key_frame_at_once) {
  start();
  cut(Duration::seconds(3));
  come_back();
  const Timestamp back = network.now();
  source.stream(Duration::seconds(5));
  expect_one_freeze(back + Duration::millis(500));  // it is asked twice a second whether it is
}

TEST_F(RouteChangeTest, a_key_frame_that_was_lost_with_the_old_path_is_soon_asked_for_again) {
  start();
  cut(Duration::millis(100));
  source.layers[0].begun = false;  // a key frame that nobody asked for
  cut(Duration::millis(500));
  come_back();
  viewer.move_to("10.77.0.1:40000");
  const Timestamp moved = network.now();
  source.stream(Duration::seconds(5));
  expect_one_freeze(moved);
}

TEST_F(RouteChangeTest, a_key_frame_that_has_just_gone_to_the_old_address_is_sent_again_to_the_new_one) {
  start();
  cut(Duration::millis(600));
  source.layers[0].begun = false;
  cut(Duration::millis(100));
  come_back();
  viewer.move_to("10.77.0.1:40000");
  const Timestamp moved = network.now();
  source.stream(Duration::seconds(1));
  ASSERT_GT(viewer.video.size(), seen);
  EXPECT_TRUE(is_key(viewer.video[seen]));
  EXPECT_LE(viewer.video[seen].at - moved, Duration::millis(60)) << "a check, and the packet";
  EXPECT_EQ(asked(), asked_before);
}

TEST_F(RouteChangeTest, a_viewer_that_moves_without_losing_its_path_costs_no_key_frame) {
  start();
  seen = viewer.video.size();
  viewer.move_to("10.77.0.1:40000");
  source.stream(Duration::seconds(5));
  EXPECT_EQ(asked(), asked_before);
  for (size_t i = seen + 1; i < viewer.video.size(); ++i)
    EXPECT_LE(viewer.video[i].at - viewer.video[i - 1].at, Duration::millis(120)) << i;
  EXPECT_GT(estimate(), 2'000'000);
}

TEST_F(RouteChangeTest, a_stream_that_ended_on_a_lost_packet_begins_again_with_one_key_frame) {
  start();
  const int64_t before = estimate();
  network.detach(viewer.at());
  source.send_picture();  // the last of the stream, and no sound after it
  network.run(Duration::millis(60));
  come_back();
  publisher.close();
  network.run(Duration::seconds(10));
  EXPECT_EQ(estimate(), before) << "nothing was sent that could be heard of";
  seen = viewer.video.size();
  Peer other{network, "10.0.0.3:5000", {.publishes = true, .video = "VP8", .rids = {"f"}}};
  LayeredSource next(network, other,
                     {{.rid = "f", .packets = 11, .key_packets = 80, .size = 1000, .width = 1280, .height = 720}});
  ASSERT_TRUE(other.join("p2", "s"));
  ASSERT_TRUE(other.connect());
  next.stream(Duration::seconds(3));
  ASSERT_GT(viewer.video.size(), seen);
  EXPECT_TRUE(is_key(viewer.video[seen]));
  EXPECT_EQ(std::count_if(viewer.video.begin() + static_cast<ptrdiff_t>(seen), viewer.video.end(), is_key), 1);
}

TEST_F(RouteChangeTest, a_presenter_is_not_asked_for_key_frames_that_cannot_arrive) {
  start();
  cut(Duration::seconds(10));
  EXPECT_LE(asked() - asked_before, 1);
}

}  // namespace
}  // namespace footlight::relay
