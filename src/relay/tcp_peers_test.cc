// ICE-TCP on real loopback connections, under the network's hand-turned clock.
#include "relay/tcp_peers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "base/testing_log.h"
#include "relay/relay.h"
#include "relay/testing_tcp_peers.h"

namespace footlight::relay {
namespace {

using test::Connection;
using test::Network;
using test::Peer;
using test::TcpPeersTest;
using testing::HasSubstr;

TEST_F(TcpPeersTest, a_viewer_behind_a_firewall_watches_over_tcp) {
  ASSERT_TRUE(publisher_.join("p", "s"));
  ASSERT_TRUE(connect(publisher_));
  ASSERT_TRUE(viewer_.join("v", "s"));
  Connection connection(at_);
  travel(viewer_, connection);
  ASSERT_TRUE(connect(viewer_));
  publisher_.send_frame(true);
  run(Duration::millis(20));
  EXPECT_EQ(viewer_.video.size(), 3U);
  EXPECT_EQ(transport_of("v"), "tcp");
  EXPECT_EQ(transport_of("p"), "udp");
}

TEST_F(TcpPeersTest, a_publishers_frames_may_come_byte_by_byte) {
  ASSERT_TRUE(publisher_.join("p", "s"));
  Connection connection(at_);
  connection.chunk = 7;
  travel(publisher_, connection);
  ASSERT_TRUE(connect(publisher_));
  ASSERT_TRUE(viewer_.join("v", "s"));
  ASSERT_TRUE(connect(viewer_));
  publisher_.send_frame(true, 10);
  run(Duration::millis(20));
  EXPECT_EQ(viewer_.video.size(), 10U);
  EXPECT_EQ(transport_of("p"), "tcp");
}

TEST_F(TcpPeersTest, a_connection_that_breaks_is_replaced_by_a_new_one_without_a_new_session) {
  ASSERT_TRUE(publisher_.join("p", "s"));
  ASSERT_TRUE(connect(publisher_));
  ASSERT_TRUE(viewer_.join("v", "s"));
  Connection first(at_);
  travel(viewer_, first);
  ASSERT_TRUE(connect(viewer_));
  first.end();
  run(Duration::millis(5));
  EXPECT_EQ(tcp_->size(), 0U);
  publisher_.send_frame(true);  // goes nowhere, and harms nobody
  run(Duration::millis(5));
  EXPECT_GT(dropped(Drop::kSlowReader), 0U);
  Connection second(at_);
  travellers_.clear();
  travel(viewer_, second);
  viewer_.check_again();
  run(Duration::millis(50));
  publisher_.send_frame(true);
  run(Duration::millis(50));
  EXPECT_GE(viewer_.video.size(), 3U);
  EXPECT_EQ(transport_of("v"), "tcp");
}

TEST_F(TcpPeersTest, goodbye_is_heard_before_the_connection_ends) {
  ASSERT_TRUE(publisher_.join("p", "s"));
  Connection connection(at_);
  travel(publisher_, connection);
  ASSERT_TRUE(connect(publisher_));
  network_.core().delete_session("p", network_.now());
  run(Duration::millis(5));
  EXPECT_TRUE(publisher_.said_goodbye());
  EXPECT_FALSE(connection.closed());
  run(Duration::millis(1100));
  EXPECT_TRUE(connection.closed());
  EXPECT_EQ(tcp_->size(), 0U);
}

TEST_F(TcpPeersTest, whoever_does_not_begin_with_an_authentic_check_is_cut) {
  ASSERT_TRUE(publisher_.join("p", "s"));
  std::array<uint8_t, ice::kMaxStunSize> check{};
  auto size = ice::StunWriter(check, ice::StunClass::kRequest, ice::kBindingMethod, {1})
                  .username(publisher_.remote_ufrag + ":x")
                  .finish("not the password");
  std::vector<std::vector<uint8_t>> beginnings = {
      std::vector<uint8_t>(check.begin(), check.begin() + static_cast<ptrdiff_t>(size)),
      std::vector<uint8_t>(40, 0x80),
      std::vector<uint8_t>(40, 22),
      {'G', 'E', 'T', ' ', '/'}};
  for (const auto& bytes : beginnings) {
    Connection stranger(at_);
    stranger.send_packet(bytes);
    run(Duration::millis(3));
    EXPECT_TRUE(stranger.closed()) << int{bytes[0]};
  }
  Connection too_long(at_);
  too_long.write(as_bytes("GET / HTTP/1.1\r\n\r\n"));  // a length of 0x4745
  run(Duration::millis(3));
  EXPECT_TRUE(too_long.closed());
  EXPECT_EQ(tcp_->size(), 0U);
}

TEST_F(TcpPeersTest, an_authenticated_peer_is_cut_for_a_frame_longer_than_any_packet) {
  ASSERT_TRUE(publisher_.join("p", "s"));
  Connection connection(at_);
  travel(publisher_, connection);
  ASSERT_TRUE(connect(publisher_));
  Connection stranger(at_);
  CapturedLog log;
  stranger.write(ByteView(std::vector<uint8_t>{0xff, 0xff, 1, 2}));
  run(Duration::millis(1));  // a stranger's line in the log hides none of a peer's
  connection.write(ByteView(std::vector<uint8_t>{0xff, 0xff, 1, 2}));
  run(Duration::millis(3));
  EXPECT_TRUE(connection.closed());
  EXPECT_EQ(tcp_->size(), 0U);
  constexpr std::string_view kReason = "reason=\"a frame longer than any packet\"";
  const std::string text = log.text();
  size_t first = text.find(kReason);
  ASSERT_NE(first, std::string::npos) << text;
  EXPECT_NE(text.find(kReason, first + 1), std::string::npos) << text;
  auto metrics = network_.core().observed(network_.now()).metrics;
  EXPECT_THAT(metrics, HasSubstr("footlight_relay_tcp_connections 0\n"));
  EXPECT_THAT(metrics, HasSubstr("footlight_relay_tcp_connections_total 2\n"));
}

TEST_F(TcpPeersTest, silence_is_cut_after_five_seconds) {
  Connection stranger(at_);
  run(Duration::millis(4900));
  EXPECT_EQ(tcp_->size(), 1U);
  run(Duration::millis(1200));
  EXPECT_TRUE(stranger.closed());
}

TEST_F(TcpPeersTest, of_too_many_strangers_the_oldest_gives_way_and_peers_stay) {
  ASSERT_TRUE(publisher_.join("p", "s"));
  Connection connection(at_);
  travel(publisher_, connection);
  ASSERT_TRUE(connect(publisher_));
  std::vector<std::unique_ptr<Connection>> strangers;
  for (int i = 0; i < 80; ++i) {
    strangers.push_back(std::make_unique<Connection>(at_));
    run(Duration::millis(1));
  }
  EXPECT_EQ(tcp_->size(), 65U);
  EXPECT_TRUE(strangers[0]->closed());
  EXPECT_TRUE(strangers[15]->closed());
  EXPECT_FALSE(strangers[16]->closed());
  EXPECT_FALSE(connection.closed());
}

TEST_F(TcpPeersTest, a_slow_reader_loses_media_but_no_memory_and_is_cut_when_it_is_stuck) {
  ASSERT_TRUE(publisher_.join("p", "s"));
  ASSERT_TRUE(connect(publisher_));
  ASSERT_TRUE(viewer_.join("v", "s"));
  Connection connection(at_, 4096);
  travel(viewer_, connection);
  ASSERT_TRUE(connect(viewer_));
  travellers_.clear();  // reads no more
  for (int i = 0; i < 60; ++i) {
    publisher_.send_frame(i == 0, 10);
    run(Duration::millis(33));
  }
  EXPECT_GT(dropped(Drop::kSlowReader), 100U);
  EXPECT_EQ(tcp_->size(), 1U);
  for (int i = 0; i < 12; ++i) {
    viewer_.check_again();
    run(Duration::seconds(1));
  }
  EXPECT_EQ(tcp_->size(), 0U);
}

TEST(Relay, offers_tcp_after_udp_on_the_same_number_for_every_address_and_announcement) {
  RelaySockets sockets;
  for (const char* ip : {"127.0.0.1", "::1"}) {
    uint16_t port = sockets.media.empty() ? 0 : net::local_address(sockets.media[0].get())->port();
    auto udp = net::bind_udp(*SocketAddress::from_ip(ip, port));
    if (!udp) GTEST_SKIP() << udp.error().message;  // another program's port, or no IPv6
    auto tcp = net::listen_tcp(*net::local_address(udp->get()));
    if (!tcp) GTEST_SKIP() << tcp.error().message;
    sockets.media.push_back(std::move(*udp));
    sockets.media_tcp.push_back(std::move(*tcp));
  }
  uint16_t port = net::local_address(sockets.media[0].get())->port();
  sockets.pipe = *net::bind_udp(test::address("127.0.0.1:0"));
  Relay relay(std::move(sockets), {.announce = {"192.0.2.7"}});
  ASSERT_TRUE(relay.start());
  Network network;
  Peer peer(network, "10.0.0.1:5000", {.publishes = true});
  std::promise<std::string> answer;
  relay.create_session({"p", "publish", "s", peer.offer()}, [&](auto reply) { answer.set_value(reply->answer); });
  std::string sdp = answer.get_future().get();
  size_t at = 0;
  for (const char* protocol : {"udp", "tcp"})
    for (const char* ip : {"192.0.2.7", "127.0.0.1", "::1"}) {
      std::string tail = protocol[0] == 't' ? " tcptype passive" : "\r";
      std::string host = fmt::format(" {} {} typ host{}", ip, port, tail);
      size_t line = sdp.find(host, at);
      ASSERT_NE(line, std::string::npos) << protocol << host << sdp;
      EXPECT_NE(sdp.substr(sdp.rfind('\n', line), line).find(fmt::format(" 1 {} ", protocol)), std::string::npos);
      at = line;
    }
}

}  // namespace
}  // namespace footlight::relay
