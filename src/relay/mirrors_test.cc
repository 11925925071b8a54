// Streams watched on another shard than their publisher's.
#include "relay/mirrors.h"

#include <gtest/gtest.h>

#include "relay/test_pictures.h"
#include "relay/test_pipe_end.h"

namespace footlight::relay {
namespace {

using test::in_order;
using test::Network;
using test::Peer;
using test::pictures;
using test::PipeEnd;

struct MirrorsTest : testing::Test {
  Network network{1, 3};
  std::vector<std::unique_ptr<Peer>> peers;

  Peer& join(size_t shard, const std::string& id, bool publishes, const std::string& stream = "s") {
    network.shard = shard;
    auto at = fmt::format("10.0.{}.{}:5000", shard, peers.size());
    peers.push_back(std::make_unique<Peer>(network, at, test::PeerOptions{.publishes = publishes}));
    EXPECT_TRUE(peers.back()->join(id, stream));
    EXPECT_TRUE(peers.back()->connect());
    return *peers.back();
  }
  void stream(Peer& publisher, Duration duration, bool key_first = true) {
    for (int64_t i = 0; i < duration.us() * 30 / 1'000'000; ++i) {
      publisher.send_frame(key_first && i == 0);
      publisher.send_audio();
      network.run(Duration::millis(33));
    }
  }
  std::string end_reason(size_t shard, const std::string& id) {
    for (const auto& session : network.core(shard).observed(network.now()).sessions)
      if (session.id == id) return session.end_reason;
    return "unknown";
  }
};

TEST_F(MirrorsTest, viewers_on_other_shards_receive_what_the_publishers_shard_receives) {
  Peer& publisher = join(0, "p", true);
  Peer& near = join(0, "v0", false);
  Peer& far = join(1, "v1", false);
  Peer& farther = join(2, "v2", false);
  stream(publisher, Duration::seconds(1));
  for (Peer* viewer : {&near, &far, &farther}) {
    EXPECT_EQ(pictures(*viewer).size(), 90u);
    EXPECT_EQ(viewer->audio.size(), 30u);
    EXPECT_TRUE(in_order(*viewer));
  }
  ASSERT_FALSE(far.video.empty());
  EXPECT_EQ(near.video.back().payload, far.video.back().payload);
}

TEST_F(MirrorsTest, a_source_whose_time_falls_back_goes_on_for_viewers_of_other_shards) {
  Peer& publisher = join(0, "p", true);
  publisher.set_video_start(1000, 2'000'000'000);
  Peer& near = join(0, "v0", false);
  Peer& far = join(1, "v1", false);
  stream(publisher, Duration::seconds(1));
  const int before = publisher.plis;
  publisher.set_video_start(1090, 1'000'000'000);
  stream(publisher, Duration::seconds(1));
  Peer& late = join(1, "v2", false);
  network.run(Duration::millis(600));
  EXPECT_EQ(publisher.plis, before);
  for (Peer* viewer : {&near, &far}) {
    EXPECT_EQ(pictures(*viewer).size(), 180u);
    EXPECT_TRUE(in_order(*viewer));
    uint32_t before_it = viewer->video.front().time;
    for (const test::Received& packet : viewer->video) {
      if (packet.repaired) continue;  // a probe
      EXPECT_LE(packet.time - before_it, 9000u);
      before_it = packet.time;
    }
  }
  EXPECT_EQ(pictures(late).size(), 90u);
}

TEST_F(MirrorsTest, a_joiner_on_another_shard_has_its_picture_from_the_publishers_buffer) {
  Peer& publisher = join(0, "p", true);
  stream(publisher, Duration::seconds(1));
  int before = publisher.plis;
  Peer& far = join(1, "v1", false);
  network.run(Duration::millis(15));
  ASSERT_GE(far.video.size(), 3u) << "the picture, at once";
  EXPECT_EQ(far.video.front().payload[0], 0x67);
  Peer& second = join(1, "v2", false);  // from the mirror's own cache
  network.run(Duration::millis(600));
  EXPECT_EQ(pictures(far).size(), 90u);
  EXPECT_EQ(pictures(second).size(), 90u);
  EXPECT_EQ(publisher.plis, before);
}

TEST_F(MirrorsTest, a_joiner_beyond_the_cache_has_a_key_frame_asked_for_across_shards) {
  Peer& publisher = join(0, "p", true);
  stream(publisher, Duration::seconds(3));
  int before = publisher.plis;
  join(1, "v1", false);
  network.run(Duration::millis(60));
  EXPECT_EQ(publisher.plis, before + 1);
}

TEST_F(MirrorsTest, a_viewers_pli_on_another_shard_reaches_the_source_once) {
  Peer& publisher = join(0, "p", true);
  Peer& far = join(1, "v1", false);
  Peer& farther = join(2, "v2", false);
  stream(publisher, Duration::seconds(1));
  int before = publisher.plis;
  far.send_pli();
  farther.send_pli();
  network.run(Duration::millis(60));
  EXPECT_EQ(publisher.plis, before + 1);
}

TEST_F(MirrorsTest, a_mirror_lives_while_it_is_watched) {
  Peer& publisher = join(0, "p", true);
  stream(publisher, Duration::millis(200));
  EXPECT_EQ(network.core(1).report(network.now()).mirrors, 0u);
  join(1, "v1", false);
  EXPECT_EQ(network.core(1).report(network.now()).mirrors, 1u);
  network.core(1).delete_session("v1", network.now());
  network.run(Duration::millis(20));
  EXPECT_EQ(network.core(1).report(network.now()).mirrors, 0u);
  uint64_t crossed = network.core(0).report(network.now()).rings.packets;
  stream(publisher, Duration::millis(200), false);
  EXPECT_EQ(network.core(0).report(network.now()).rings.packets, crossed);
}

TEST_F(MirrorsTest, a_second_publisher_on_another_shard_takes_over_and_viewers_go_on) {
  Peer& first = join(0, "p1", true);
  Peer& viewer = join(1, "v1", false);
  Peer& beside = join(2, "v2", false);
  stream(first, Duration::millis(500));
  size_t before = pictures(viewer).size();
  Peer& second = join(2, "p2", true);
  network.run(Duration::millis(10));
  EXPECT_EQ(end_reason(0, "p1"), "taken_over");
  EXPECT_EQ(end_reason(2, "p2"), "");
  stream(second, Duration::millis(500));
  EXPECT_EQ(pictures(viewer).size(), before + 45);
  EXPECT_EQ(pictures(beside).size(), before + 45);
  EXPECT_TRUE(in_order(viewer));
  EXPECT_TRUE(in_order(beside));
}

TEST_F(MirrorsTest, a_source_that_goes_and_returns_on_another_shard_finds_its_viewers) {
  Peer& first = join(0, "p1", true);
  Peer& viewer = join(1, "v1", false);
  stream(first, Duration::millis(500));
  network.core(0).delete_session("p1", network.now());
  network.run(Duration::seconds(1));
  EXPECT_EQ(network.core(1).report(network.now()).mirrors, 0u);
  Peer& again = join(1, "p2", true);  // now on the viewer's own
  size_t before = pictures(viewer).size();
  stream(again, Duration::millis(500));
  EXPECT_EQ(pictures(viewer).size(), before + 45);
  EXPECT_TRUE(in_order(viewer));
}

TEST_F(MirrorsTest, loss_on_the_publishers_way_is_repaired_for_viewers_on_other_shards) {
  Peer& publisher = join(0, "p", true);
  Peer& far = join(1, "v1", false);
  int n = 0;
  network.drop = [&](bool to_relay, ByteView bytes) { return to_relay && bytes.size() > 900 && ++n % 10 == 0; };
  stream(publisher, Duration::seconds(2));
  network.drop = nullptr;
  network.run(Duration::millis(300));
  EXPECT_EQ(pictures(far).size(), 180u);
}

TEST_F(MirrorsTest, a_full_ring_holds_packets_back_and_loses_none) {
  Peer& publisher = join(0, "p", true);
  Peer& far = join(1, "v1", false);
  stream(publisher, Duration::millis(100));
  // Shard 1 does not come to its ring for a while: a burst larger than the ring, within the buffer.
  ShardRing& ring = network.mesh().ring(0, 1);
  RingRecord filler;
  filler.kind = RingRecord::Kind::kClose;
  while (ring.push(filler)) {
  }
  publisher.send_frame(true, 60);
  network.core(0).flush(network.now());
  network.run(Duration::millis(50));
  stream(publisher, Duration::millis(100), false);
  network.run(Duration::millis(500));  // the viewer's pace
  EXPECT_GT(network.core(0).report(network.now()).rings.full, 0u);
  EXPECT_EQ(pictures(far).size(), 9u + 60u + 9u);
  EXPECT_TRUE(in_order(far));
  EXPECT_EQ(network.core(0).report(network.now()).rings.lost, 0u);
}

TEST_F(MirrorsTest, sender_reports_cross_so_that_lips_stay_with_voices) {
  Peer& publisher = join(0, "p", true);
  Peer& far = join(1, "v1", false);
  stream(publisher, Duration::millis(500));
  publisher.send_sender_reports();
  stream(publisher, Duration::millis(500), false);
  EXPECT_FALSE(far.sender_reports.empty());
}

TEST_F(MirrorsTest, compose_hears_sources_of_every_shard_over_its_one_pipe) {
  PipeEnd compose(network, "127.0.0.1:6000", "pipe");
  Peer& publisher = join(1, "p", true, "cam");
  compose.desired.consume = {"cam"};
  state::RelayDesired desired;
  desired.pipes = {compose.desired};
  for (size_t i = 0; i < 3; ++i) network.core(i).apply(desired, network.now());
  network.run(Duration::millis(150));
  stream(publisher, Duration::millis(500));
  uint32_t ssrc = 0;
  for (const auto& track : publisher.reply.tracks)
    if (track.kind == "video") ssrc = track.ssrc;
  EXPECT_EQ(compose.received[ssrc].size(), 45u);
  desired.pipes.clear();
  network.core(0).apply(desired, network.now());
  EXPECT_EQ(network.core(0).report(network.now()).mirrors, 0u);
}

TEST_F(MirrorsTest, the_programme_is_watched_on_every_shard) {
  PipeEnd compose(network, "127.0.0.1:6000", "pipe");
  compose.publish("programme");
  state::RelayDesired desired;
  desired.pipes = {compose.desired};
  for (size_t i = 0; i < 3; ++i) network.core(i).apply(desired, network.now());
  network.run(Duration::millis(150));
  Peer& far = join(2, "v", false, "programme");
  for (int i = 0; i < 30; ++i) {
    compose.send_frame(i == 0);
    network.run(Duration::millis(33));
  }
  EXPECT_EQ(pictures(far).size(), 90u);
}

TEST(StreamDirectory, the_last_publisher_has_the_stream_and_the_one_before_cannot_withdraw_it) {
  StreamDirectory directory(2);
  Publication publication;
  uint64_t first = directory.publish("s", 0, publication);
  uint64_t second = directory.publish("s", 1, publication);
  directory.withdraw("s", first);
  ASSERT_TRUE(directory.find("s"));
  EXPECT_EQ(directory.find("s")->shard, 1u);
  directory.withdraw("s", second);
  EXPECT_FALSE(directory.find("s"));
}

TEST(StreamDirectory, a_session_is_placed_where_fewest_are_and_stays_there) {
  StreamDirectory directory(2);
  EXPECT_EQ(directory.place("a"), 0u);
  EXPECT_EQ(directory.place("b"), 1u);
  EXPECT_EQ(directory.place("b"), 1u);
  directory.forget("b");
  EXPECT_EQ(directory.place("c"), 1u);
  EXPECT_FALSE(directory.shard_of("b"));
}

}  // namespace
}  // namespace footlight::relay
