#include "net/client_socket.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <vector>

#include "base/clock.h"
#include "net/listen.h"
#include "net/send_queue.h"

namespace footlight::net {
namespace {

// A server with a send queue, which sends runs by GSO, and what a client hears of it.
class Client : public testing::Test {
 protected:
  void open(bool runs) {
    client.emplace(ClientSocket::open(false, runs).value());
    to.local = server.bound_address();
    to.remote = SocketAddress::v4({127, 0, 0, 1}, client->bound_address().port());
  }
  void send(const std::vector<size_t>& sizes) {
    for (size_t i = 0; i < sizes.size(); ++i) {
      auto slot = queue.slot();
      std::fill_n(slot.begin(), sizes[i], static_cast<uint8_t>(i));
      queue.commit(sizes[i], to);
    }
    queue.flush();
  }
  // {size, first byte} of each datagram that comes, until `count` have come or nothing more does.
  std::vector<std::pair<size_t, int>> hear(size_t count) {
    std::vector<std::pair<size_t, int>> heard;
    pollfd ready{.fd = client->fd(), .events = POLLIN, .revents = 0};
    while (heard.size() < count && ::poll(&ready, 1, 2000) == 1)
      for (Datagram& d : client->receive(batch)) {
        heard.emplace_back(d.bytes.size(), d.bytes[0]);
        from = d.tuple.remote;
        arrival = d.arrival;
      }
    return heard;
  }

  // Linux begins to date datagrams a moment after the first socket of the whole machine has asked for it, by a task of
  // its own (net_enable_timestamp); what comes before is dated when it is read. True once a datagram was dated earlier.
  bool dating_has_begun() {
    for (int tries = 0; tries < 100; ++tries) {
      send({1});
      Timestamp wait_until = SystemClock::get().now() + Duration::millis(5);
      while (SystemClock::get().now() < wait_until) continue;
      if (hear(1).size() == 1 && arrival < wait_until - Duration::millis(2)) return true;
    }
    return false;
  }

  UdpSocket server = UdpSocket::adopt(bind_udp(SocketAddress::v4({127, 0, 0, 1}, 0)).value()).value();
  SendQueue queue{server};
  ReceiveBatch batch;
  std::optional<ClientSocket> client;
  AddressPair to;
  SocketAddress from;
  Timestamp arrival;
};

using Heard = std::vector<std::pair<size_t, int>>;

TEST_F(Client, run_of_datagrams_comes_up_as_it_was_sent) {
  for (bool runs : {true, false}) {
    open(runs);
    send({1200, 1200, 1200, 700, 90});
    EXPECT_EQ(hear(5), (Heard{{1200, 0}, {1200, 1}, {1200, 2}, {700, 3}, {90, 4}})) << runs;
    EXPECT_EQ(from, server.bound_address());
  }
}

TEST_F(Client, datagram_is_dated_when_it_came_and_not_when_it_was_read) {
  open(true);
  ASSERT_TRUE(dating_has_begun());
  Timestamp before = SystemClock::get().now();
  send({100});
  Timestamp after = SystemClock::get().now();
  while (SystemClock::get().now() < after + Duration::millis(20)) continue;
  EXPECT_EQ(hear(1).size(), 1u);
  EXPECT_GE(arrival, before - Duration::millis(1));
  EXPECT_LE(arrival, after + Duration::millis(10));
}

TEST_F(Client, speaks_to_whom_it_names_and_once_connected_hears_nobody_else) {
  open(true);
  std::vector<uint8_t> hello = {'h', 'i'};
  ASSERT_TRUE(client->send(server.bound_address(), hello));
  pollfd ready{.fd = server.fd(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&ready, 1, 2000), 1);
  EXPECT_EQ(server.receive()[0].bytes.size(), 2u);
  UdpSocket stranger = UdpSocket::adopt(bind_udp(SocketAddress::v4({127, 0, 0, 1}, 0)).value()).value();
  ASSERT_TRUE(client->connect(server.bound_address()));
  AddressPair from_stranger = to;
  from_stranger.local = stranger.bound_address();
  stranger.send(from_stranger, hello);
  send({50});
  EXPECT_EQ(hear(1), (Heard{{50, 0}}));
  EXPECT_TRUE(client->send(server.bound_address(), hello));
  EXPECT_EQ(client->send_failures(), 0u);
}

TEST(AddressTowards, names_the_interface_that_reaches_a_peer) {
  auto address = address_towards(SocketAddress::v4({127, 0, 0, 1}, 9));
  ASSERT_TRUE(address);
  EXPECT_EQ(address->ip_string(), "127.0.0.1");
}

}  // namespace
}  // namespace footlight::net
