// The life of sessions: signalling, ICE restart, time-outs, bad input.
#include <gtest/gtest.h>

#include <random>

#include "relay/test_peer.h"

namespace footlight::relay {
namespace {

using test::Network;
using test::Peer;

std::string restart_fragment(const ice::Credentials& local) {
  return "a=ice-ufrag:" + local.ufrag + "\r\na=ice-pwd:" + local.password.reveal() +
         "\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n";
}

ice::Credentials credentials_in(const std::string& sdpfrag) {
  auto line = [&](const std::string& name) {
    size_t at = sdpfrag.find(name) + name.size();
    return sdpfrag.substr(at, sdpfrag.find_first_of("\r\n", at) - at);
  };
  return {line("a=ice-ufrag:"), Secret(line("a=ice-pwd:"))};
}

struct SessionTest : testing::Test {
  Network network;
  Peer publisher{network, "10.0.0.1:5000", {.publishes = true}};
  Peer viewer{network, "10.0.0.2:5000"};

  state::SessionObserved observed(const std::string& id) {
    auto all = network.core().observed(network.now());
    for (const auto& s : all.sessions)
      if (s.id == id) return s;
    return {};
  }
  void start() {
    ASSERT_TRUE(publisher.join("p", "s"));
    ASSERT_TRUE(publisher.connect());
  }
};

TEST_F(SessionTest, the_same_id_again_gives_the_same_reply) {
  ASSERT_TRUE(publisher.join("p", "s"));
  state::SessionReply first = publisher.reply;
  ASSERT_TRUE(publisher.join("p", "s"));
  EXPECT_EQ(publisher.reply.answer, first.answer);
  EXPECT_EQ(publisher.reply.ice_tag, first.ice_tag);
  EXPECT_EQ(first.relay_epoch, "epoch");
  EXPECT_EQ(first.tracks.size(), 2u);
}

TEST_F(SessionTest, refusals_name_their_kind) {
  EXPECT_FALSE(viewer.join("v", "nobody"));
  EXPECT_EQ(viewer.error->kind, SessionErrorKind::kNoTracks);
  auto refused = [&](const char* kind, const std::string& offer) {
    return network.core().create_session({"x", kind, "s", offer}, network.now()).error().kind;
  };
  EXPECT_EQ(refused("publish", "hello"), SessionErrorKind::kUnreadable);
  EXPECT_EQ(refused("dance", viewer.offer()), SessionErrorKind::kUnreadable);
  Peer h265(network, "10.0.0.3:5000", {.publishes = true, .video = "H265"});
  std::string unusable = h265.offer();
  unusable.replace(unusable.find("opus/48000/2"), 12, "PCMA/8000");
  EXPECT_EQ(refused("publish", unusable), SessionErrorKind::kNoUsableCodec);
  start();
  Peer vp8(network, "10.0.0.4:5000", {.video = "VP8"});
  EXPECT_FALSE(vp8.join("z", "s"));
  EXPECT_EQ(vp8.error->kind, SessionErrorKind::kNoCommonCodec);
}

TEST_F(SessionTest, a_session_that_never_connects_ends_after_fifteen_seconds) {
  ASSERT_TRUE(publisher.join("p", "s"));
  publisher.vanish();
  network.run(Duration::seconds(14));
  EXPECT_EQ(observed("p").state, "new");
  network.run(Duration::seconds(2));
  EXPECT_EQ(observed("p").state, "ended");
  EXPECT_EQ(observed("p").end_reason, "connect_timeout");
  network.run(Duration::seconds(11));
  EXPECT_EQ(observed("p").id, "");
}

TEST_F(SessionTest, a_publisher_without_media_is_stalled_and_comes_back) {
  start();
  publisher.send_frame(true);
  network.run(Duration::millis(200));
  EXPECT_EQ(observed("p").state, "connected");
  network.run(Duration::millis(2500));
  EXPECT_EQ(observed("p").state, "stalled");
  publisher.send_frame(true);
  network.run(Duration::millis(200));
  EXPECT_EQ(observed("p").state, "connected");
}

// A peer whose consent checks are 6 s apart (RFC 7675 §5.1) and which loses one of them says nothing by ICE for 12 s.
TEST_F(SessionTest, a_publisher_whose_consent_checks_are_far_apart_stays_connected_while_media_comes) {
  start();
  publisher.mute_checks();
  for (int i = 0; i < 120; ++i) {
    publisher.send_frame(i == 0);
    network.run(Duration::millis(100));
    EXPECT_EQ(observed("p").state, "connected") << i;
  }
}

TEST_F(SessionTest, a_vanished_viewer_is_stalled_within_ten_seconds_and_ended_after_thirty) {
  start();
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  network.run(Duration::millis(200));
  EXPECT_EQ(observed("v").state, "connected");
  viewer.vanish();
  network.run(Duration::seconds(10));
  EXPECT_EQ(observed("v").state, "stalled");
  network.run(Duration::seconds(25));
  EXPECT_EQ(observed("v").state, "ended");
  EXPECT_EQ(observed("v").end_reason, "consent_expired");
}

TEST_F(SessionTest, a_peer_that_says_goodbye_ends_its_session_at_once) {
  start();
  publisher.close();
  network.run(Duration::millis(20));
  EXPECT_EQ(observed("p").end_reason, "closed_by_peer");
}

TEST_F(SessionTest, deleting_is_idempotent) {
  start();
  network.core().delete_session("p", network.now());
  network.core().delete_session("p", network.now());
  network.core().delete_session("never", network.now());
  EXPECT_EQ(observed("p").end_reason, "deleted");
}

TEST_F(SessionTest, trickle_is_taken_without_an_answer) {
  start();
  auto reply = network.core().patch_session(
      "p", "a=mid:0\r\na=candidate:1 1 udp 1 10.0.0.1 5000 typ host\r\na=end-of-candidates\r\n", network.now());
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->sdpfrag, "");
  EXPECT_EQ(reply->ice_tag, publisher.reply.ice_tag);
  EXPECT_EQ(network.core().patch_session("q", "", network.now()).error().kind, SessionErrorKind::kUnknownSession);
}

TEST_F(SessionTest, an_ice_restart_brings_new_credentials_and_media_goes_on) {
  start();
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  auto reply = network.core().patch_session("v", restart_fragment(viewer.new_credentials()), network.now());
  ASSERT_TRUE(reply);
  EXPECT_NE(reply->ice_tag, viewer.reply.ice_tag);
  ice::Credentials remote = credentials_in(reply->sdpfrag);
  EXPECT_NE(remote.ufrag, viewer.remote_ufrag);
  viewer.restart_ice(remote);
  network.run(Duration::millis(300));
  publisher.send_frame(true);
  network.run(Duration::millis(20));
  EXPECT_EQ(viewer.video.size(), 3u);
}

TEST_F(SessionTest, the_same_restart_again_gives_the_same_credentials) {
  start();
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  const auto& fresh = viewer.new_credentials();
  std::string fragment = restart_fragment(fresh);
  auto lost = network.core().patch_session("v", fragment, network.now());
  ASSERT_TRUE(lost);
  auto reply = network.core().patch_session("v", fragment, network.now());
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->sdpfrag, lost->sdpfrag);
  EXPECT_EQ(reply->ice_tag, lost->ice_tag);
  // Candidates of the new generation are no restart.
  auto trickle = network.core().patch_session("v", fragment + "a=end-of-candidates\r\n", network.now());
  ASSERT_TRUE(trickle);
  EXPECT_EQ(trickle->sdpfrag, "");
  viewer.restart_ice(credentials_in(reply->sdpfrag));
  network.run(Duration::millis(300));
  publisher.send_frame(true);
  network.run(Duration::millis(20));
  EXPECT_EQ(viewer.video.size(), 3u);
}

TEST_F(SessionTest, a_late_candidate_of_the_old_ufrag_restarts_nothing) {
  start();
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  std::string old = restart_fragment(viewer.new_credentials());
  ASSERT_TRUE(network.core().patch_session("v", old, network.now()));
  auto restarted = network.core().patch_session("v", restart_fragment(viewer.new_credentials()), network.now());
  ASSERT_TRUE(restarted);
  auto late =
      network.core().patch_session("v", old + "a=candidate:1 1 udp 1 10.0.0.2 5000 typ host\r\n", network.now());
  ASSERT_TRUE(late);
  EXPECT_EQ(late->sdpfrag, "");
  EXPECT_EQ(late->ice_tag, restarted->ice_tag);
  viewer.restart_ice(credentials_in(restarted->sdpfrag));
  network.run(Duration::millis(300));
  publisher.send_frame(true);
  network.run(Duration::millis(20));
  EXPECT_EQ(viewer.video.size(), 3u);
}

TEST_F(SessionTest, a_viewer_whose_address_changes_keeps_its_session) {
  start();
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  viewer.move_to("10.9.9.9:1234");
  network.run(Duration::millis(300));
  publisher.send_frame(true);
  network.run(Duration::millis(20));
  EXPECT_EQ(viewer.video.size(), 3u);
  EXPECT_EQ(observed("v").state, "connected");
}

TEST_F(SessionTest, a_viewer_is_seen_as_turn_while_its_packets_come_from_an_address_that_it_named_as_relayed) {
  start();
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  ASSERT_TRUE(network.core().patch_session(
      "v", "a=candidate:1 1 udp 41885439 10.9.9.9 1234 typ relay raddr 10.0.0.2 rport 5000\r\n", network.now()));
  EXPECT_EQ(observed("v").transport, "udp");
  viewer.move_to("10.9.9.9:1234");
  network.run(Duration::millis(300));
  EXPECT_EQ(observed("v").transport, "turn");
  viewer.move_to("10.9.9.9:1235");
  network.run(Duration::millis(300));
  EXPECT_EQ(observed("v").transport, "udp");
}

TEST_F(SessionTest, strangers_datagrams_cost_counted_drops_and_no_answer) {
  start();
  std::mt19937 random(7);
  int answered = 0;
  struct Ear : test::Endpoint {
    int& n;
    explicit Ear(int& count) : n(count) {}
    void on_datagram(MutableByteView, Timestamp) override { ++n; }
    void tick(Timestamp) override {}
  } ear(answered);
  auto stranger = test::address("10.6.6.6:666");
  network.attach(stranger, &ear);
  uint64_t before = 0;
  for (uint64_t d : network.core().counters().drops) before += d;
  for (int i = 0; i < 3000; ++i) {
    std::vector<uint8_t> bytes(random() % 200);
    for (auto& b : bytes) b = static_cast<uint8_t>(random());
    network.to_relay(stranger, bytes);
    network.to_relay(stranger, bytes, true);
  }
  network.run(Duration::millis(10));
  uint64_t after = 0;
  for (uint64_t d : network.core().counters().drops) after += d;
  EXPECT_EQ(after - before, 6000u);
  EXPECT_EQ(answered, 0);
  network.detach(stranger);
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  publisher.send_frame(true);
  network.run(Duration::millis(20));
  EXPECT_EQ(viewer.video.size(), 3u);
}

TEST_F(SessionTest, random_bytes_from_an_admitted_address_disturb_nobody) {
  start();
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  std::mt19937 random(9);
  for (int i = 0; i < 3000; ++i) {
    std::vector<uint8_t> bytes(random() % 300);
    for (auto& b : bytes) b = static_cast<uint8_t>(random());
    if (!bytes.empty() && i % 2) bytes[0] = 0x80;  // RTP
    network.to_relay(publisher.at(), bytes);
  }
  network.run(Duration::millis(10));
  publisher.send_frame(true);
  network.run(Duration::millis(20));
  EXPECT_EQ(viewer.video.size(), 3u);
}

TEST_F(SessionTest, a_full_relay_refuses_with_unavailable) {
  CoreOptions options;
  options.bounds.publishers = 1;
  options.candidates = {{"127.0.0.1", 7000}};
  struct Null : DatagramOutput {
    std::array<uint8_t, kSlotSize> buffer{};
    MutableByteView slot(const AddressPair&) override { return buffer; }
    void commit(size_t) override {}
  } null;
  ShardCore core(options, test::certificate(), null, null);
  EXPECT_TRUE(core.create_session({"a", "publish", "s", publisher.offer()}, network.now()));
  auto second = core.create_session({"b", "publish", "t", publisher.offer()}, network.now());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, SessionErrorKind::kUnavailable);
  core.delete_session("a", network.now());
  EXPECT_TRUE(core.create_session({"b", "publish", "t", publisher.offer()}, network.now()));
}

TEST_F(SessionTest, observed_state_shows_figures_and_metrics) {
  start();
  ASSERT_TRUE(viewer.join("v", "s"));
  ASSERT_TRUE(viewer.connect());
  for (int i = 0; i < 45; ++i) {
    publisher.send_frame(i == 0);
    network.run(Duration::millis(33));
  }
  auto p = observed("p");
  EXPECT_EQ(p.kind, "publish");
  EXPECT_EQ(p.transport, "udp");
  EXPECT_NEAR(p.fps, 30, 3);
  EXPECT_NEAR(static_cast<double>(p.bitrate_bps), 740'000, 80'000);
  EXPECT_NEAR(observed("v").fps, 30, 3);
  auto all = network.core().observed(network.now());
  EXPECT_NE(all.metrics.find("footlight_relay_publishers 1\n"), std::string::npos);
  EXPECT_NE(all.metrics.find("footlight_relay_dropped_packets_total{reason=\"replayed\"}"), std::string::npos);
  EXPECT_EQ(all.pipe_address, "127.0.0.1:7100");
}

}  // namespace
}  // namespace footlight::relay
