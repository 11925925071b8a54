// Peers that take more than their share, and peers that come and go.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing_log.h"
#include "relay/test_peer.h"

namespace footlight::relay {
namespace {

using test::Network;
using test::Peer;
using testing::ContainsRegex;
using testing::HasSubstr;

struct BoundsTest : testing::Test {
  Network network;

  std::string end_reason(const std::string& id) {
    for (const auto& session : network.core().observed(network.now()).sessions)
      if (session.id == id) return session.end_reason;
    return "unknown";
  }
  std::string metrics() { return network.core().observed(network.now()).metrics; }
};

TEST_F(BoundsTest, a_publisher_with_too_many_ssrcs_is_cut_and_observed_with_the_reason) {
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  Peer other(network, "10.0.0.2:5000", {.publishes = true});
  ASSERT_TRUE(publisher.join("p", "s") && publisher.connect());
  ASSERT_TRUE(other.join("o", "t") && other.connect());
  auto stray = [&](uint32_t ssrc) {
    std::array<uint8_t, 30> packet{};
    rtp::HeaderWriter writer(packet, {false, rtp::PayloadType(96), rtp::SeqNum(1), rtp::RtpTime(1), rtp::Ssrc(ssrc)});
    publisher.send_raw_rtp(ByteView(packet).first(writer.finish() + 10));
  };
  for (uint32_t i = 0; i < WebRtcSession::kMaxStraySsrcs; ++i) stray(1000 + i);
  network.run(Duration::millis(200));
  EXPECT_EQ(end_reason("p"), "");
  CapturedLog log;
  stray(5000);
  network.run(Duration::millis(200));
  EXPECT_EQ(end_reason("p"), "too_many_ssrcs");
  EXPECT_EQ(end_reason("o"), "");
  EXPECT_THAT(log.text(), ContainsRegex("session=p .*state=ended reason=too_many_ssrcs\n"));
  EXPECT_THAT(metrics(), HasSubstr("footlight_relay_ended_sessions_total{reason=\"too_many_ssrcs\"} 1\n"));
}

TEST_F(BoundsTest, a_viewer_that_floods_rtcp_is_cut_and_others_go_on) {
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  Peer flood(network, "10.0.0.2:5000");
  Peer quiet(network, "10.0.0.3:5000");
  ASSERT_TRUE(publisher.join("p", "s") && publisher.connect());
  ASSERT_TRUE(flood.join("f", "s") && flood.connect());
  ASSERT_TRUE(quiet.join("q", "s") && quiet.connect());
  CapturedLog log;
  for (uint32_t i = 0; i < WebRtcSession::kMaxRtcpRate + 50; ++i) flood.send_pli();
  network.run(Duration::millis(200));
  EXPECT_EQ(end_reason("f"), "too_much_rtcp");
  EXPECT_THAT(log.text(), ContainsRegex("session=f .*state=ended reason=too_much_rtcp\n"));
  EXPECT_THAT(metrics(), HasSubstr("footlight_relay_ended_sessions_total{reason=\"too_much_rtcp\"} 1\n"));
  EXPECT_EQ(end_reason("q"), "");
  publisher.send_frame(true);
  network.run(Duration::millis(50));
  EXPECT_GE(quiet.video.size(), 3u);
}

struct SmallRelayTest : testing::Test {
  Network network{1, 1, {.publishers = 2, .viewers = 3, .joining = 2}};
  Peer publisher{network, "10.0.0.1:5000", {.publishes = true}};

  void SetUp() override { ASSERT_TRUE(publisher.join("p", "s") && publisher.connect()); }
  std::string state(const std::string& id) {
    for (const auto& session : network.core().observed(network.now()).sessions)
      if (session.id == id) return session.end_reason.empty() ? session.state : session.end_reason;
    return "unknown";
  }
};

TEST_F(SmallRelayTest, viewers_never_take_the_room_of_publishers) {
  std::vector<std::unique_ptr<Peer>> viewers;
  for (int i = 0; i < 3; ++i) {
    viewers.push_back(std::make_unique<Peer>(network, fmt::format("10.0.1.{}:5000", i)));
    ASSERT_TRUE(viewers.back()->join(fmt::format("v{}", i), "s") && viewers.back()->connect());
  }
  Peer late(network, "10.0.2.1:5000");
  EXPECT_FALSE(late.join("late", "s"));
  EXPECT_EQ(late.error->kind, SessionErrorKind::kUnavailable);
  // The presenter's line breaks; nobody who waited for a place has taken it before it returns.
  network.core().delete_session("p", network.now());
  EXPECT_FALSE(late.join("late again", "s"));
  Peer back(network, "10.0.0.2:5000", {.publishes = true});
  Peer second(network, "10.0.0.3:5000", {.publishes = true});
  Peer third(network, "10.0.0.4:5000", {.publishes = true});
  EXPECT_TRUE(back.join("back", "s"));
  EXPECT_TRUE(second.join("second", "t"));
  EXPECT_FALSE(third.join("third", "u"));
  EXPECT_TRUE(third.join("over", "t"));
}

TEST_F(SmallRelayTest, offers_that_never_connect_give_way_to_those_that_do) {
  Peer seen(network, "10.0.1.1:5000");
  ASSERT_TRUE(seen.join("seen", "s") && seen.connect());
  std::string offer = seen.offer();
  for (int i = 0; i < 50; ++i) {
    network.run(Duration::millis(5));
    ASSERT_TRUE(network.core().create_session({fmt::format("x{}", i), "subscribe", "s", offer}, network.now())) << i;
  }
  Peer honest(network, "10.0.1.2:5000");
  EXPECT_TRUE(honest.join("honest", "s") && honest.connect());
  EXPECT_EQ(state("seen"), "connected");
  EXPECT_EQ(state("x47"), "gave_way");
  EXPECT_EQ(state("x49"), "new");
}

TEST_F(BoundsTest, of_many_sessions_that_ended_at_once_the_newest_are_shown_and_the_memory_is_bounded) {
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  ASSERT_TRUE(publisher.join("p", "s") && publisher.connect());
  Peer viewer(network, "10.0.0.2:5000");
  std::string offer = viewer.offer();
  for (int i = 0; i < 1200; ++i) {
    std::string id = fmt::format("v{}", i);
    ASSERT_TRUE(network.core().create_session({id, "subscribe", "s", offer}, network.now()));
    network.run(Duration::millis(1));
    network.core().delete_session(id, network.now());
  }
  network.run(Duration::millis(200));
  EXPECT_EQ(end_reason("v0"), "unknown");
  EXPECT_EQ(end_reason("v1199"), "deleted");
  EXPECT_EQ(network.core().observed(network.now()).sessions.size(), 1025u);
}

TEST_F(BoundsTest, a_thousand_viewers_who_connect_and_vanish_leave_nothing) {
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  ASSERT_TRUE(publisher.join("p", "s") && publisher.connect());
  publisher.send_frame(true);
  for (int i = 0; i < 1000; ++i) {
    Peer viewer(network, fmt::format("10.1.{}.{}:5000", i / 250, i % 250));
    ASSERT_TRUE(viewer.join(fmt::format("v{}", i), "s")) << i;
    // Some stay until they have media, some leave before the handshake is done.
    network.run(Duration::millis(i % 4 == 0 ? 6 : 1));
  }
  for (int i = 0; i < 60; ++i) {
    publisher.send_frame(false);
    network.run(Duration::seconds(1));
  }
  auto observed = network.core().observed(network.now());
  ASSERT_EQ(observed.sessions.size(), 1u);
  EXPECT_EQ(observed.sessions[0].id, "p");
  EXPECT_EQ(network.core().report(network.now()).gauges.viewers, 0u);
}

}  // namespace
}  // namespace footlight::relay
