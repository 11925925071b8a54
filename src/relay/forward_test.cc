// Publishers and viewers through the shard core, over a link in memory.
#include <gtest/gtest.h>

#include <set>

#include "relay/test_peer.h"

namespace footlight::relay {
namespace {

using test::Network;
using test::Peer;

// A publisher's pictures at 30 a second for `duration`; a key frame first.
void stream_video(Network& network, Peer& publisher, Duration duration, bool key_first = true, int packets = 3) {
  int64_t frames = duration.us() * 30 / 1'000'000;
  for (int64_t i = 0; i < frames; ++i) {
    publisher.send_frame(key_first && i == 0, packets);
    publisher.send_audio();
    network.run(Duration::millis(33));
  }
}

// The viewer's distinct packets have consecutive numbers from the first on.
void expect_complete(const Peer& viewer, size_t at_least) {
  std::set<int64_t> numbers;
  rtp::SeqUnwrapper unwrapper;
  for (const auto& r : viewer.video) numbers.insert(unwrapper.unwrap(rtp::SeqNum(r.seq)).value());
  ASSERT_FALSE(numbers.empty());
  EXPECT_GE(numbers.size(), at_least);
  EXPECT_EQ(*numbers.rbegin() - *numbers.begin() + 1, static_cast<int64_t>(numbers.size()));
}

struct ForwardTest : testing::Test {
  Network network;
  Peer publisher{network, "10.0.0.1:5000", {.publishes = true}};
  Peer viewer{network, "10.0.0.2:5000"};

  void start() {
    ASSERT_TRUE(publisher.join("p", "s"));
    ASSERT_TRUE(publisher.connect());
    ASSERT_TRUE(viewer.join("v", "s"));
    ASSERT_TRUE(viewer.connect());
  }
};

TEST_F(ForwardTest, a_publishers_media_reaches_two_viewers_whole) {
  start();
  Peer second(network, "10.0.0.3:5000");
  ASSERT_TRUE(second.join("v2", "s"));
  ASSERT_TRUE(second.connect());
  stream_video(network, publisher, Duration::seconds(1));
  network.run(Duration::millis(50));
  expect_complete(viewer, 90);
  expect_complete(second, 90);
  EXPECT_EQ(std::ranges::count(viewer.video, false, &test::Received::repaired), 90);
  EXPECT_EQ(viewer.audio.size(), 30u);
  EXPECT_EQ(viewer.video[0].payload[0], 0x67);
  EXPECT_EQ(viewer.video[5].payload.size(), 1000u);
  EXPECT_TRUE(viewer.video[2].marker);
  EXPECT_EQ(network.core().counters().dropped(Drop::kUnsendable), 0u);
}

TEST_F(ForwardTest, tracks_without_ssrc_lines_are_found_by_mid) {
  Peer rid(network, "10.0.0.9:5000", {.publishes = true, .ssrc_lines = false});
  ASSERT_TRUE(rid.join("p", "s"));
  ASSERT_TRUE(rid.connect());
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  stream_video(network, rid, Duration::millis(400));
  EXPECT_GE(viewer.video.size(), 30u);
  EXPECT_GE(viewer.audio.size(), 10u);
}

TEST_F(ForwardTest, loss_is_repaired_on_both_sides) {
  start();
  network.link = {.loss = 0.05, .delay = Duration::millis(15), .jitter = Duration::millis(3)};
  stream_video(network, publisher, Duration::seconds(5));
  network.link.loss = 0;
  stream_video(network, publisher, Duration::seconds(1), false);
  network.run(Duration::millis(300));
  expect_complete(viewer, 18 * 30 - 20);
  EXPECT_GT(publisher.nacked, 10);
  EXPECT_TRUE(std::ranges::any_of(viewer.video, &test::Received::repaired));
  EXPECT_GT(network.core().counters().resends, 10u);
}

TEST_F(ForwardTest, the_publisher_hears_transport_feedback_and_reports) {
  start();
  stream_video(network, publisher, Duration::seconds(2));
  EXPECT_GE(publisher.feedback, 25);
  EXPECT_GE(publisher.feedback_packets, 220);
  EXPECT_GE(publisher.receiver_report_blocks, 2);
}

TEST_F(ForwardTest, sender_reports_lie_on_the_sources_own_line) {
  start();
  stream_video(network, publisher, Duration::millis(300));
  publisher.send_sender_reports();
  stream_video(network, publisher, Duration::seconds(2), false);
  std::vector<rtp::rtcp::SenderReport> video;
  for (const auto& report : viewer.sender_reports)
    if (report.sender == viewer.watched_video) video.push_back(report);
  ASSERT_GE(video.size(), 3u);
  const auto& first = video.front();
  const auto& last = video.back();
  double seconds = static_cast<double>(last.ntp.value() - first.ntp.value()) / 4294967296.0;
  double ticks = static_cast<double>(static_cast<int32_t>(last.rtp_time.value() - first.rtp_time.value()));
  EXPECT_NEAR(ticks / 90000, seconds, 0.001);
  EXPECT_GT(last.packets, 0u);
}

TEST_F(ForwardTest, a_late_viewer_has_its_picture_from_the_join_cache) {
  ASSERT_TRUE(publisher.join("p", "s"));
  ASSERT_TRUE(publisher.connect());
  stream_video(network, publisher, Duration::seconds(1));
  int plis = publisher.plis;
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  network.run(Duration::millis(10));
  ASSERT_GE(viewer.video.size(), 3u) << "the picture, at once";
  EXPECT_EQ(viewer.video[0].payload[0], 0x67);
  network.run(Duration::millis(300));
  EXPECT_LT(viewer.video.size(), 70u) << "the rest at twice its pace";
  network.run(Duration::millis(250));
  ASSERT_GE(viewer.video.size(), 90u);
  EXPECT_EQ(publisher.plis, plis);
  EXPECT_EQ(network.core().counters().joins_cached, 1u);
  stream_video(network, publisher, Duration::millis(500), false);
  expect_complete(viewer, 120);
  // What was replayed is dated as it was sent, in order: no jitter buffer grows by it.
  uint32_t before = viewer.video[0].time;
  for (const auto& r : viewer.video) {
    EXPECT_LT(r.time - before, 90000u);
    before = std::max(before, r.time);
  }
  EXPECT_NEAR(viewer.video[45].time - viewer.video[0].time, 15 * 3000 / 2, 3000);
  EXPECT_NEAR(viewer.video[80].time - viewer.video[0].time, 26 * 3000 / 2, 3000);
}

TEST_F(ForwardTest, a_viewer_beyond_the_join_cache_asks_once_and_waits_for_a_key_frame) {
  ASSERT_TRUE(publisher.join("p", "s"));
  ASSERT_TRUE(publisher.connect());
  stream_video(network, publisher, Duration::seconds(3));
  int before = publisher.plis;
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  Peer second(network, "10.0.0.3:5000");
  ASSERT_TRUE(second.join("v2", "s"));
  ASSERT_TRUE(second.connect());
  stream_video(network, publisher, Duration::millis(300), false);
  EXPECT_EQ(publisher.plis - before, 1);
  EXPECT_TRUE(viewer.video.empty());
  stream_video(network, publisher, Duration::millis(300));
  ASSERT_FALSE(viewer.video.empty());
  ASSERT_FALSE(second.video.empty());
  EXPECT_EQ(viewer.video[0].payload[0], 0x67);
}

// obs PR 13090 and obs #13161
TEST_F(ForwardTest, a_source_that_ignores_nack_and_pli_is_asked_within_bounds_and_seen_from_its_own_key_frame) {
  publisher.answer_nacks = false;
  ASSERT_TRUE(publisher.join("p", "s"));
  ASSERT_TRUE(publisher.connect());
  stream_video(network, publisher, Duration::seconds(3));
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  const int before = publisher.plis;
  network.link.loss = 0.02;
  stream_video(network, publisher, Duration::seconds(4), false);
  network.link.loss = 0;
  EXPECT_GE(publisher.plis - before, 4);
  EXPECT_LE(publisher.plis - before, 9);
  EXPECT_TRUE(viewer.video.empty());
  stream_video(network, publisher, Duration::seconds(1));
  ASSERT_GE(viewer.video.size(), 85u);
  EXPECT_EQ(viewer.video[0].payload[0], 0x67);
  const int asked = publisher.plis;
  stream_video(network, publisher, Duration::seconds(1), false);
  EXPECT_EQ(publisher.plis, asked) << "nothing more is missing";
}

TEST_F(ForwardTest, viewers_key_frame_wishes_are_governed) {
  start();
  stream_video(network, publisher, Duration::millis(300));
  int before = publisher.plis;
  for (int i = 0; i < 100; ++i) {
    viewer.send_pli();
    network.run(Duration::millis(10));
  }
  EXPECT_GE(publisher.plis - before, 2);
  EXPECT_LE(publisher.plis - before, 3);
}

TEST_F(ForwardTest, a_viewer_that_asks_without_end_is_heard_ever_more_rarely) {
  start();
  int answered = publisher.plis;
  auto stream_and_ask = [&](int frames, bool asks) {
    const int before = publisher.plis;
    for (int i = 0; i < frames; ++i) {
      publisher.send_frame(std::exchange(answered, publisher.plis) < publisher.plis);
      if (asks && i % 3 == 0) viewer.send_pli();
      network.run(Duration::millis(33));
    }
    return publisher.plis - before;
  };
  stream_and_ask(30, false);
  const int heard = stream_and_ask(1200, true);
  EXPECT_GE(heard, 9);
  EXPECT_LE(heard, 14) << "after 0.5, 1, 2 and each 4 s";
  stream_and_ask(330, false);
  EXPECT_EQ(stream_and_ask(6, true), 1) << "quiet for ten seconds, it is believed again";
}

TEST_F(ForwardTest, unrepairable_loss_ends_in_a_key_frame_wish_after_the_deadline) {
  start();
  publisher.answer_nacks = false;
  stream_video(network, publisher, Duration::millis(600));
  int before = publisher.plis;
  network.drop = [](bool to_relay, ByteView bytes) { return to_relay && bytes.size() > 900; };
  publisher.send_frame(false);
  network.drop = nullptr;
  stream_video(network, publisher, Duration::millis(150), false);
  EXPECT_EQ(publisher.plis, before);
  stream_video(network, publisher, Duration::millis(400), false);
  EXPECT_EQ(publisher.plis, before + 1);
}

TEST_F(ForwardTest, a_second_publish_takes_over_and_viewers_go_on_without_a_gap) {
  start();
  stream_video(network, publisher, Duration::millis(600));
  Peer second(network, "10.0.0.7:5000", {.publishes = true});
  second.set_video_start(60000, 4'000'000'000);
  ASSERT_TRUE(second.join("p2", "s"));
  ASSERT_TRUE(second.connect());
  auto observed = network.core().observed(network.now());
  auto old = std::ranges::find(observed.sessions, "p", &state::SessionObserved::id);
  ASSERT_NE(old, observed.sessions.end());
  EXPECT_EQ(old->state, "ended");
  EXPECT_EQ(old->end_reason, "taken_over");
  size_t before = viewer.video.size();
  uint32_t last_time = viewer.video.back().time;
  stream_video(network, second, Duration::millis(600));
  ASSERT_GT(viewer.video.size(), before + 40);
  expect_complete(viewer, before + 40);
  EXPECT_EQ(viewer.video[before].payload[0], 0x67);
  uint32_t jump = viewer.video[before].time - last_time;
  EXPECT_GT(jump, 0u);
  EXPECT_LT(jump, 90000u);
}

TEST_F(ForwardTest, sequence_numbers_of_publisher_and_viewer_wrap_without_loss) {
  publisher.set_video_start(65500, 0xffffff00);
  start();
  stream_video(network, publisher, Duration::seconds(2));
  expect_complete(viewer, 170);
}

TEST_F(ForwardTest, a_viewer_of_an_old_stream_hears_from_the_rollover_counters_start) {
  // The producer's counter has wrapped long ago; the viewer's must begin at zero (str0m #1036).
  ASSERT_TRUE(publisher.join("p", "s"));
  ASSERT_TRUE(publisher.connect());
  publisher.set_video_start(65000, 1000);
  stream_video(network, publisher, Duration::seconds(8));
  stream_video(network, publisher, Duration::millis(100));
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  stream_video(network, publisher, Duration::millis(300), false);
  EXPECT_GE(viewer.video.size(), 20u);
  EXPECT_GE(viewer.audio.size(), 5u);
}

TEST_F(ForwardTest, vp8_picture_ids_go_on_across_publishers) {
  Peer first(network, "10.0.0.8:5000", {.publishes = true, .video = "VP8"});
  Peer watcher(network, "10.0.0.9:5000", {.video = "VP8"});
  ASSERT_TRUE(first.join("p", "vp8"));
  ASSERT_TRUE(first.connect());
  ASSERT_TRUE(watcher.join("v", "vp8"));
  ASSERT_TRUE(watcher.connect());
  stream_video(network, first, Duration::millis(500));
  Peer second(network, "10.0.0.10:5000", {.publishes = true, .video = "VP8"});
  ASSERT_TRUE(second.join("p2", "vp8"));
  ASSERT_TRUE(second.connect());
  stream_video(network, second, Duration::millis(500));
  ASSERT_GE(watcher.video.size(), 80u);
  int last = -1;
  for (const auto& r : watcher.video) {
    int picture = (r.payload[2] & 0x7f) << 8 | r.payload[3];
    if (last >= 0) {
      EXPECT_TRUE(picture == last || picture == last + 1);
    }
    last = picture;
  }
}

TEST_F(ForwardTest, a_viewer_without_rtx_is_repaired_by_the_same_packet_again) {
  Peer plain(network, "10.0.0.6:5000", {.rtx = false});
  ASSERT_TRUE(publisher.join("p", "s"));
  ASSERT_TRUE(publisher.connect());
  ASSERT_TRUE(plain.join("v", "s"));
  ASSERT_TRUE(plain.connect());
  int count = 0;
  network.drop = [&](bool to_relay, ByteView bytes) { return !to_relay && bytes.size() > 900 && ++count % 20 == 0; };
  stream_video(network, publisher, Duration::seconds(2));
  network.drop = nullptr;
  stream_video(network, publisher, Duration::millis(300), false);
  expect_complete(plain, 190);
}

}  // namespace
}  // namespace footlight::relay
