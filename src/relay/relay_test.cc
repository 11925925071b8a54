// The relay with its thread and real sockets on loopback.
#include "relay/relay.h"
#include "base/clock.h"

#include <gtest/gtest.h>

#include <future>
#include <set>

#include "net/listen.h"
#include "net/udp_socket.h"
#include "relay/test_peer.h"

namespace footlight::relay {
namespace {

RelaySockets sockets() {
  RelaySockets s;
  s.media.push_back(*net::bind_udp(test::address("127.0.0.1:0")));
  s.pipe = *net::bind_udp(test::address("127.0.0.1:0"));
  return s;
}

Result<state::SessionReply, SessionError> create(Relay& relay, const state::SessionRequest& request) {
  std::promise<Result<state::SessionReply, SessionError>> reply;
  relay.create_session(request, [&](auto r) { reply.set_value(std::move(r)); });
  return reply.get_future().get();
}

TEST(Relay, answers_calls_from_another_thread_and_stops) {
  Relay relay(sockets(), {.announce = {"192.0.2.7"}});
  std::atomic<int> changes = 0;
  relay.on_change([&] { ++changes; });
  ASSERT_TRUE(relay.start());
  test::Network network;
  test::Peer peer(network, "10.0.0.1:5000", {.publishes = true});
  auto reply = create(relay, {"p", "publish", "s", peer.offer()});
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->relay_epoch, relay.epoch());
  EXPECT_NE(reply->answer.find("192.0.2.7"), std::string::npos);
  EXPECT_NE(reply->answer.find("127.0.0.1"), std::string::npos);
  std::promise<state::RelayObserved> observed;
  ASSERT_TRUE(relay.observed([&](auto o) { observed.set_value(std::move(o)); }));
  auto document = observed.get_future().get();
  EXPECT_EQ(document.incarnation, relay.epoch());
  EXPECT_EQ(document.sessions.size(), 1u);
  EXPECT_GE(changes, 1);
  relay.stop();
  EXPECT_EQ(create(relay, {"q", "publish", "s", peer.offer()}).error().kind, SessionErrorKind::kUnavailable);
  EXPECT_FALSE(relay.apply({})) << "control has to hear that it was not taken";
  EXPECT_FALSE(relay.observed([](auto) { FAIL() << "nobody is there to make it"; }));
}

TEST(Relay, spreads_sessions_over_shards_and_observes_them_as_one) {
  RelaySockets s;
  std::vector<std::string> ports;
  for (int shard = 0; shard < 3; ++shard) {
    s.media.push_back(*net::bind_udp(test::address("127.0.0.1:0")));
    ports.push_back(std::to_string(net::local_address(s.media.back().get())->port()));
  }
  s.pipe = *net::bind_udp(test::address("127.0.0.1:0"));
  Relay relay(std::move(s), {});
  ASSERT_TRUE(relay.start());
  test::Network network;
  test::Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  test::Peer viewer(network, "10.0.0.2:5000");
  ASSERT_TRUE(create(relay, {"p", "publish", "s", publisher.offer()}));
  std::set<std::string> used;
  for (int i = 0; i < 5; ++i) {
    auto reply = create(relay, {fmt::format("v{}", i), "subscribe", "s", viewer.offer()});
    ASSERT_TRUE(reply) << reply.error().detail;
    for (const std::string& port : ports)
      if (reply->answer.find(" " + port + " typ host") != std::string::npos) used.insert(port);
  }
  EXPECT_EQ(used.size(), 3u);
  ASSERT_TRUE(relay.apply({.generation = 7}));
  auto observe = [&] {
    std::promise<state::RelayObserved> observed;
    EXPECT_TRUE(relay.observed([&](auto o) { observed.set_value(std::move(o)); }));
    return observed.get_future().get();
  };
  auto document = observe();
  EXPECT_EQ(document.applied_generation, 7);
  EXPECT_EQ(document.sessions.size(), 6u);
  EXPECT_NE(document.metrics.find("footlight_relay_shards 3"), std::string::npos);
  EXPECT_NE(document.metrics.find("footlight_relay_viewers 5"), std::string::npos);
  EXPECT_NE(document.metrics.find("footlight_relay_mirrors 2"), std::string::npos);
  std::promise<void> deleted;
  relay.delete_session("v3", [&] { deleted.set_value(); });
  deleted.get_future().wait();
  document = observe();
  EXPECT_NE(document.metrics.find("footlight_relay_viewers 4"), std::string::npos);
  EXPECT_EQ(create(relay, {"none", "subscribe", "nobody", viewer.offer()}).error().kind, SessionErrorKind::kNoTracks);
}

TEST(Relay, captures_only_with_one_shard) {
  RelaySockets s = sockets();
  s.media.push_back(*net::bind_udp(test::address("127.0.0.1:0")));
  Relay relay(std::move(s), {.capture = "/dev/null"});
  auto started = relay.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("debug.capture"), std::string::npos);
}

TEST(Relay, an_announced_name_is_refused_by_its_key) {
  Relay relay(sockets(), {.announce = {"relay.example"}});
  auto started = relay.start();
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("media.announce"), std::string::npos);
}

TEST(Relay, answers_a_binding_request_from_the_socket_that_was_asked) {
  RelaySockets s = sockets();
  SocketAddress media = *net::local_address(s.media[0].get());
  Relay relay(std::move(s), {});
  ASSERT_TRUE(relay.start());
  test::Network network;
  test::Peer peer(network, "10.0.0.1:5000", {.publishes = true});
  auto reply = create(relay, {"p", "publish", "s", peer.offer()});
  ASSERT_TRUE(reply);
  auto value_of = [&](std::string_view name) {
    size_t at = reply->answer.find(name) + name.size();
    return reply->answer.substr(at, reply->answer.find("\r\n", at) - at);
  };
  auto client = net::UdpSocket::adopt(*net::bind_udp(test::address("127.0.0.1:0")));
  AddressPair pair{client->bound_address(), media};
  ice::ClientAgent agent(ice::make_credentials(), {value_of("a=ice-ufrag:"), Secret(value_of("a=ice-pwd:"))}, {pair},
                         SystemClock::get().now());
  Timestamp end = SystemClock::get().now() + Duration::seconds(5);
  while (!agent.connected() && SystemClock::get().now() < end) {
    Timestamp now = SystemClock::get().now();
    while (auto packet = agent.take_packet(now)) client->send(packet->pair, packet->bytes);
    for (auto& datagram : client->receive()) {
      EXPECT_EQ(datagram.tuple.remote, media);
      if (auto message = ice::parse_stun(datagram.bytes)) agent.handle_stun(*message, datagram.tuple, now);
    }
  }
  EXPECT_TRUE(agent.connected());
  EXPECT_EQ(agent.mapped_address(), client->bound_address());
}

}  // namespace
}  // namespace footlight::relay
