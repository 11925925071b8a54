#include "net/udp_socket.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

#include "base/clock.h"
#include "net/listen.h"
#include "net/send_queue.h"

namespace footlight::net {
namespace {

UdpSocket open(const SocketAddress& address) {
  auto fd = bind_udp(address);
  EXPECT_TRUE(fd);
  auto socket = UdpSocket::adopt(std::move(*fd));
  EXPECT_TRUE(socket);
  return std::move(*socket);
}
const SocketAddress kLoopback = SocketAddress::v4({127, 0, 0, 1}, 0);

struct Heard {
  std::string text;
  AddressPair tuple;
};
// Everything that has come in; loopback delivers before sendmsg returns.
std::vector<Heard> hear(UdpSocket& socket) {
  std::vector<Heard> all;
  for (auto batch = socket.receive(); !batch.empty(); batch = socket.receive())
    for (const Datagram& d : batch) all.push_back({std::string(as_text(d.bytes)), d.tuple});
  return all;
}

TEST(UdpSocket, a_datagram_arrives_with_both_addresses) {
  auto a = open(kLoopback);
  auto b = open(kLoopback);
  EXPECT_TRUE(b.receive().empty());
  ASSERT_TRUE(a.send({a.bound_address(), b.bound_address()}, as_bytes("hello")));
  auto heard = hear(b);
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].text, "hello");
  EXPECT_EQ(heard[0].tuple, (AddressPair{b.bound_address(), a.bound_address()}));
  EXPECT_EQ(b.counters().bytes_in, 5U);
}

TEST(UdpSocket, a_wildcard_socket_answers_from_the_address_that_was_asked) {
  for (const char* asked : {"127.0.0.1", "127.0.0.7"}) {
    auto server = open(SocketAddress::v4({0, 0, 0, 0}, 0));
    auto client = open(kLoopback);
    auto target = *SocketAddress::from_ip(asked, server.bound_address().port());
    ASSERT_TRUE(client.send({{}, target}, as_bytes("?")));
    auto heard = hear(server);
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_EQ(heard[0].tuple.local, target);
    ASSERT_TRUE(server.send(heard[0].tuple, as_bytes("!")));
    SendQueue queue(server);
    std::ranges::copy(as_bytes("!!"), queue.slot().begin());
    queue.commit(2, heard[0].tuple);
    queue.flush();
    auto answers = hear(client);
    ASSERT_EQ(answers.size(), 2U);
    for (const auto& answer : answers) EXPECT_EQ(answer.tuple.remote, target);
  }
}

TEST(UdpSocket, ipv6_works_alike) {
  auto server = open(*SocketAddress::parse("[::]:0"));
  auto client = open(*SocketAddress::parse("[::1]:0"));
  auto target = *SocketAddress::from_ip("::1", server.bound_address().port());
  ASSERT_TRUE(client.send({{}, target}, as_bytes("?")));
  auto heard = hear(server);
  ASSERT_EQ(heard.size(), 1U);
  EXPECT_EQ(heard[0].tuple, (AddressPair{target, client.bound_address()}));
  EXPECT_TRUE(server.send(heard[0].tuple, as_bytes("!")));
  EXPECT_EQ(hear(client).size(), 1U);
}

// When a datagram was sent and dated that lay in the kernel's buffer for 20 ms.
struct Dated {
  Timestamp before, sent, arrival;
};
Dated date_one(UdpSocket& from, UdpSocket& to) {
  Dated dated{.before = SystemClock::get().now(), .sent = {}, .arrival = Timestamp::max()};
  if (!from.send({{}, to.bound_address()}, as_bytes("?"))) return dated;
  dated.sent = SystemClock::get().now();
  ::poll(nullptr, 0, 20);
  for (const Datagram& datagram : to.receive()) dated.arrival = datagram.arrival;
  return dated;
}

TEST(UdpSocket, arrival_is_when_the_datagram_came_and_not_when_it_was_read) {
  auto a = open(kLoopback);
  auto b = open(kLoopback);
  // Two clocks are read one after the other, each to the microsecond.
  constexpr Duration kReading = Duration::millis(2);
  Dated dated = date_one(a, b);
  // Linux begins to date datagrams a moment after the first socket of the whole machine has asked for it, by a task of
  // its own (net_enable_timestamp); what comes before is dated when it is read.
  for (int tries = 0; tries < 20 && dated.arrival > dated.sent + kReading; ++tries) dated = date_one(a, b);
  EXPECT_GE(dated.arrival, dated.before - kReading);
  EXPECT_LE(dated.arrival, dated.sent + kReading);
}

TEST(UdpSocket, an_overlong_datagram_is_dropped_and_counted) {
  auto a = open(kLoopback);
  auto b = open(kLoopback);
  EXPECT_TRUE(a.send({{}, b.bound_address()}, std::vector<uint8_t>(kMaxDatagram + 1)));
  EXPECT_TRUE(a.send({{}, b.bound_address()}, std::vector<uint8_t>(kMaxDatagram)));
  EXPECT_EQ(hear(b).size(), 1U);
  EXPECT_EQ(b.counters().truncated, 1U);
}

TEST(UdpSocket, a_send_that_cannot_go_is_counted) {
  auto a = open(kLoopback);
  EXPECT_FALSE(a.send({{}, kLoopback.with_port(9)}, std::vector<uint8_t>(70'000)));
  EXPECT_EQ(a.counters().send_failed, 1U);
}

TEST(UdpSocket, a_tcp_socket_is_refused_in_a_sentence) {
  auto tcp = listen_tcp(kLoopback);
  ASSERT_TRUE(tcp);
  auto socket = UdpSocket::adopt(std::move(*tcp));
  ASSERT_FALSE(socket);
  EXPECT_NE(socket.error().message.find("not a UDP socket"), std::string::npos);
}

void put(SendQueue& queue, const SocketAddress& to, const std::string& text) {
  auto slot = queue.slot();
  std::ranges::copy(as_bytes(text), slot.begin());
  queue.commit(text.size(), {{}, to});
}

TEST(SendQueue, packets_of_many_viewers_leave_in_few_calls_and_in_order) {
  auto server = open(kLoopback);
  std::vector<UdpSocket> viewers;
  for (int i = 0; i < 10; ++i) viewers.push_back(open(kLoopback));
  SendQueue queue(server, 400);
  std::map<size_t, std::vector<std::string>> expected;
  std::minstd_rand random(5);
  for (int packet = 0; packet < 40; ++packet) {
    std::string text(packet % 10 == 9 ? 100 + random() % 900 : 1100, static_cast<char>('a' + packet % 26));
    for (size_t v = 0; v < viewers.size(); ++v) {
      put(queue, viewers[v].bound_address(), text);
      expected[v].push_back(text);
    }
  }
  EXPECT_EQ(queue.pending(), 400U);
  queue.flush();
  for (size_t v = 0; v < viewers.size(); ++v) {
    std::vector<std::string> texts;
    for (auto& heard : hear(viewers[v])) texts.push_back(heard.text);
    EXPECT_EQ(texts, expected[v]);
  }
  EXPECT_EQ(server.counters().datagrams_out, 400U);
  EXPECT_LE(server.counters().send_calls, 2U);
}

TEST(SendQueue, a_full_queue_flushes_itself_and_starts_again) {
  auto server = open(kLoopback);
  auto viewer = open(kLoopback);
  SendQueue queue(server, 8);
  for (int i = 0; i < 20; ++i) put(queue, viewer.bound_address(), std::to_string(i));
  queue.flush();
  auto heard = hear(viewer);
  ASSERT_EQ(heard.size(), 20U);
  for (size_t i = 0; i < heard.size(); ++i) EXPECT_EQ(heard[i].text, std::to_string(i));
}

TEST(SendQueue, one_unreachable_destination_does_not_hold_the_others) {
  auto server = open(kLoopback);
  auto viewer = open(kLoopback);
  SendQueue queue(server);
  put(queue, *SocketAddress::parse("[::1]:9"), "wrong family");
  put(queue, viewer.bound_address(), "right");
  put(queue, *SocketAddress::parse("[::1]:9"), "wrong family");
  queue.flush();
  EXPECT_EQ(hear(viewer).size(), 1U);
  EXPECT_EQ(server.counters().send_failed, 2U);
  EXPECT_EQ(server.counters().datagrams_out, 1U);
}

TEST(SendQueue, each_datagram_is_counted_once_whatever_a_tiny_kernel_buffer_does) {
  auto fd = bind_udp(kLoopback);
  ASSERT_TRUE(fd);
  auto server = UdpSocket::adopt(std::move(*fd), {.send_buffer = 4096});
  ASSERT_TRUE(server);
  SendQueue queue(*server);
  for (int i = 0; i < 60; ++i) put(queue, kLoopback.with_port(9), std::string(1400, 'x'));
  queue.flush();
  const auto& c = server->counters();
  EXPECT_EQ(c.datagrams_out + c.send_dropped + c.send_failed, 60U);
}

}  // namespace
}  // namespace footlight::net
