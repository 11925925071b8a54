// The pipe to compose and back.
#include <gtest/gtest.h>

#include "relay/test_pipe_end.h"

namespace footlight::relay {
namespace {

using test::Network;
using test::Peer;
using test::PipeEnd;

struct PipeTest : testing::Test {
  Network network;
  Peer publisher{network, "10.0.0.1:5000", {.publishes = true}};
  PipeEnd compose{network, "127.0.0.1:6000", "pipe1"};
  int64_t generation = 0;

  void apply(std::vector<state::RelayPipe> pipes, std::vector<std::string> ended = {}) {
    state::RelayDesired desired;
    desired.generation = ++generation;
    desired.pipes = std::move(pipes);
    desired.streams = {{"programme",
                        {{"video", "h264", 0, 96, 90000, 0, "packetization-mode=1;profile-level-id=42e01f"},
                         {"audio", "opus", 0, 111, 48000, 2, ""}}}};
    desired.ended_sessions = std::move(ended);
    network.core().apply(desired, network.now());
  }
  void publish() {
    ASSERT_TRUE(publisher.join("p", "cam"));
    ASSERT_TRUE(publisher.connect());
  }
  uint32_t ssrc_of(const Peer& peer, const char* kind) const {
    for (const auto& t : peer.reply.tracks)
      if (t.kind == kind) return t.ssrc;
    return 0;
  }
  void stream(Duration duration, bool key_first = true) {
    for (int64_t i = 0; i < duration.us() * 30 / 1'000'000; ++i) {
      publisher.send_frame(key_first && i == 0);
      publisher.send_audio();
      network.run(Duration::millis(33));
    }
  }
  void programme(PipeEnd& end, Duration duration, bool key_first = true) {
    for (int64_t i = 0; i < duration.us() * 30 / 1'000'000; ++i) {
      end.send_frame(key_first && i == 0);
      network.run(Duration::millis(33));
    }
  }
};

TEST_F(PipeTest, a_sources_tracks_reach_compose_under_the_promised_ssrcs) {
  publish();
  compose.desired.consume = {"cam"};
  apply({compose.desired});
  network.run(Duration::millis(120));
  stream(Duration::millis(500));
  publisher.send_sender_reports();
  stream(Duration::millis(500), false);
  EXPECT_EQ(publisher.reply.tracks.size(), 2u);
  const auto& video = compose.received[ssrc_of(publisher, "video")];
  ASSERT_EQ(video.size(), 90u);
  EXPECT_EQ(video[0].payload[0], 0x67);
  EXPECT_EQ(compose.received[ssrc_of(publisher, "audio")].size(), 30u);
  EXPECT_FALSE(compose.sender_reports.empty());
}

TEST_F(PipeTest, compose_that_comes_later_has_the_picture_from_the_join_cache) {
  publish();
  stream(Duration::seconds(1));
  compose.desired.consume = {"cam"};
  apply({compose.desired});
  network.run(Duration::millis(250));
  const auto& video = compose.received[ssrc_of(publisher, "video")];
  ASSERT_EQ(video.size(), 90u);
  EXPECT_EQ(video[0].payload[0], 0x67);
  EXPECT_EQ(publisher.plis, 0);
}

TEST_F(PipeTest, compose_beyond_the_join_cache_has_a_key_frame_asked_for_at_once) {
  publish();
  stream(Duration::seconds(3));
  compose.desired.consume = {"cam"};
  apply({compose.desired});
  network.run(Duration::millis(150));
  EXPECT_EQ(publisher.plis, 1);
}

TEST_F(PipeTest, compose_repairs_by_the_same_packet_again_and_asks_for_key_frames) {
  publish();
  compose.desired.consume = {"cam"};
  apply({compose.desired});
  network.run(Duration::millis(120));
  int n = 0;
  network.drop = [&](bool to_relay, ByteView bytes) { return !to_relay && bytes.size() > 900 && ++n == 5; };
  stream(Duration::millis(300));
  network.drop = nullptr;
  rtp::Ssrc ssrc(ssrc_of(publisher, "video"));
  auto& video = compose.received[ssrc.value()];
  ASSERT_GE(video.size(), 20u);
  uint16_t lost = 0;
  for (size_t i = 1; i < video.size(); ++i)
    if (static_cast<uint16_t>(video[i].seq - video[i - 1].seq) == 2) lost = static_cast<uint16_t>(video[i].seq - 1);
  ASSERT_NE(lost, 0);
  compose.send_nack(ssrc, lost);
  network.run(Duration::millis(10));
  EXPECT_EQ(video.back().seq, lost);
  network.run(KeyFrameGovernor::kInterval);
  int before = publisher.plis;
  compose.send_pli(ssrc);
  network.run(Duration::millis(30));
  EXPECT_EQ(publisher.plis, before + 1);
}

TEST_F(PipeTest, the_programme_comes_back_and_is_watched) {
  compose.publish("programme");
  apply({compose.desired});
  network.run(Duration::millis(120));
  programme(compose, Duration::seconds(1));
  Peer viewer(network, "10.0.0.2:5000");
  ASSERT_TRUE(viewer.join("v", "programme"));
  ASSERT_TRUE(viewer.connect());
  network.run(Duration::millis(600));
  EXPECT_EQ(std::ranges::count(viewer.video, false, &test::Received::repaired), 90);
  EXPECT_EQ(compose.plis, 0);
}

TEST_F(PipeTest, observed_state_says_what_goes_over_a_pipe_each_way) {
  compose.publish("programme");
  compose.desired.consume = {"cam"};
  apply({compose.desired});
  EXPECT_EQ(network.core().observed(network.now()).pipes.at(0).state, "silent");
  publish();
  network.run(Duration::millis(120));
  programme(compose, Duration::seconds(1));
  stream(Duration::seconds(1));
  auto pipe = network.core().observed(network.now()).pipes.at(0);
  EXPECT_EQ(pipe.id, "pipe1");
  EXPECT_EQ(pipe.state, "connected");
  EXPECT_EQ(pipe.remote, "127.0.0.1:6000");
  ASSERT_EQ(pipe.streams.size(), 2u);
  EXPECT_EQ(pipe.streams[0].stream, "programme");
  EXPECT_EQ(pipe.streams[0].direction, "in");
  EXPECT_EQ(pipe.streams[0].media.at(0).codec, "h264");
  EXPECT_EQ(pipe.streams[0].media.at(0).packets, 90);
  EXPECT_EQ(pipe.streams[1].stream, "cam");
  EXPECT_EQ(pipe.streams[1].direction, "out");
  auto video = std::ranges::find(pipe.streams[1].media, "video", &state::TrackObserved::kind);
  ASSERT_NE(video, pipe.streams[1].media.end());
  EXPECT_GE(video->packets, 85);
}

TEST_F(PipeTest, loss_of_programme_packets_is_repaired_from_compose) {
  compose.publish("programme");
  apply({compose.desired});
  Peer viewer(network, "10.0.0.2:5000");
  ASSERT_TRUE(viewer.join("v", "programme"));
  ASSERT_TRUE(viewer.connect());
  network.run(Duration::millis(120));
  int n = 0;
  network.drop = [&](bool to_relay, ByteView bytes) { return to_relay && bytes.size() > 700 && ++n == 10; };
  programme(compose, Duration::seconds(1));
  network.drop = nullptr;
  EXPECT_EQ(compose.nacked, 1);
  EXPECT_EQ(viewer.video.size(), 90u);
}

TEST_F(PipeTest, a_restarted_compose_goes_on_in_its_viewers_sessions) {
  compose.publish("programme");
  apply({compose.desired});
  Peer viewer(network, "10.0.0.2:5000");
  ASSERT_TRUE(viewer.join("v", "programme"));
  ASSERT_TRUE(viewer.connect());
  network.run(Duration::millis(120));
  programme(compose, Duration::seconds(1));
  size_t before = viewer.video.size();
  ASSERT_GE(before, 80u);
  PipeEnd next(network, "127.0.0.1:6001", "pipe2");
  next.publish("programme");
  apply({next.desired});
  network.run(Duration::millis(500));
  EXPECT_GE(next.plis, 1);
  programme(next, Duration::seconds(1));
  ASSERT_GE(viewer.video.size(), before + 80);
  EXPECT_EQ(viewer.video[before].payload[0], 0x67);
  EXPECT_EQ(viewer.video[before].seq, static_cast<uint16_t>(viewer.video[before - 1].seq + 1));
  EXPECT_LT(viewer.video[before].time - viewer.video[before - 1].time, 90000u);
}

TEST_F(PipeTest, a_source_that_publishes_again_comes_under_new_ssrcs_and_never_under_the_old) {
  publish();
  compose.desired.consume = {"cam"};
  apply({compose.desired});
  network.run(Duration::millis(120));
  stream(Duration::millis(300));
  uint32_t old = ssrc_of(publisher, "video");
  size_t count = compose.received[old].size();
  Peer second(network, "10.0.0.9:5000", {.publishes = true});
  ASSERT_TRUE(second.join("p2", "cam"));
  ASSERT_TRUE(second.connect());
  for (int i = 0; i < 10; ++i) {
    second.send_frame(i == 0);
    network.run(Duration::millis(33));
  }
  EXPECT_NE(ssrc_of(second, "video"), old);
  EXPECT_EQ(compose.received[old].size(), count);
  EXPECT_GE(compose.received[ssrc_of(second, "video")].size(), 27u);
}

TEST_F(PipeTest, the_pipe_follows_composes_address_only_by_authentic_packets) {
  publish();
  compose.desired.consume = {"cam"};
  apply({compose.desired});
  network.run(Duration::millis(120));
  // A forged report with the right sender from elsewhere moves nothing.
  std::vector<uint8_t> forged(40, 0);
  ByteWriter writer(forged);
  writer.u8(0x80);
  writer.u8(201);
  writer.u16(1);
  writer.u32(compose.desired.key.compose_ssrc);
  network.to_relay(test::address("127.0.0.1:6666"), forged, true);
  stream(Duration::millis(300));
  EXPECT_GE(compose.received[ssrc_of(publisher, "video")].size(), 25u);
  compose.move_to("127.0.0.1:6060");
  network.run(Duration::millis(150));
  size_t before = compose.received[ssrc_of(publisher, "video")].size();
  stream(Duration::millis(300), false);
  EXPECT_GE(compose.received[ssrc_of(publisher, "video")].size(), before + 25);
}

TEST_F(PipeTest, a_closed_pipe_neither_sends_nor_publishes) {
  publish();
  compose.desired.consume = {"cam"};
  compose.publish("programme");
  apply({compose.desired});
  network.run(Duration::millis(120));
  stream(Duration::millis(100));
  apply({});
  size_t before = compose.received[ssrc_of(publisher, "video")].size();
  stream(Duration::millis(300), false);
  EXPECT_EQ(compose.received[ssrc_of(publisher, "video")].size(), before);
  compose.send_frame(true);
  network.run(Duration::millis(10));
  EXPECT_GT(network.core().counters().dropped(Drop::kUnknownPipe), 0u);
}

TEST_F(PipeTest, revoked_sessions_end_and_stay_out) {
  publish();
  apply({}, {"p"});
  auto observed = network.core().observed(network.now());
  ASSERT_EQ(observed.sessions.size(), 1u);
  EXPECT_EQ(observed.sessions[0].end_reason, "revoked");
  EXPECT_EQ(observed.applied_generation, generation);
  Peer again(network, "10.0.0.8:5000", {.publishes = true});
  EXPECT_FALSE(again.join("p", "cam"));
}

TEST_F(PipeTest, a_key_that_is_none_opens_no_pipe) {
  compose.desired.key.key = "bm90IGEga2V5";
  apply({compose.desired});
  network.run(Duration::millis(200));
  EXPECT_GT(network.core().counters().dropped(Drop::kUnknownPipe), 0u);
}

}  // namespace
}  // namespace footlight::relay
