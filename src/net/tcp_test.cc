// Accepted streams on real loopback sockets: bytes both ways, slow readers, ends.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string>

#include "net/listen.h"
#include "net/tcp_listener.h"

namespace footlight::net {
namespace {

const SocketAddress kLoopback = SocketAddress::v4({127, 0, 0, 1}, 0);

TcpListener open_listener(const TcpOptions& options = {}) {
  auto fd = listen_tcp(kLoopback);
  EXPECT_TRUE(fd);
  auto listener = TcpListener::adopt(std::move(*fd), options);
  EXPECT_TRUE(listener);
  return std::move(*listener);
}

UniqueFd dial(const SocketAddress& to, int receive_buffer = 0) {
  sockaddr_storage address{};
  size_t size = to.to_sockaddr(address);
  UniqueFd fd(::socket(address.ss_family, SOCK_STREAM, 0));
  if (receive_buffer > 0) ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  EXPECT_EQ(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), static_cast<socklen_t>(size)), 0);
  return fd;
}

TcpStream accept_one(TcpListener& listener) {
  pollfd waiting{.fd = listener.fd(), .events = POLLIN, .revents = 0};
  EXPECT_EQ(::poll(&waiting, 1, 1000), 1);
  auto stream = listener.accept();
  EXPECT_TRUE(stream);
  return std::move(*stream);
}

// Reads of the peer, up to `size` bytes or half a second of nothing.
std::string heard_by(int fd, size_t size) {
  std::string text;
  std::array<char, 65536> buffer{};
  pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
  while (text.size() < size && ::poll(&waiting, 1, 500) == 1) {
    ssize_t n = ::recv(fd, buffer.data(), std::min(buffer.size(), size - text.size()), 0);
    if (n <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(n));
  }
  return text;
}

TEST(TcpStream, bytes_go_both_ways_and_the_tuple_says_tcp) {
  auto listener = open_listener();
  EXPECT_FALSE(listener.accept());
  auto peer = dial(listener.bound_address());
  auto stream = accept_one(listener);
  EXPECT_EQ(stream.tuple(), (AddressPair{listener.bound_address(), *local_address(peer.get()), Protocol::kTcp}));
  AddressPair udp{stream.tuple().local, stream.tuple().remote};
  EXPECT_NE(stream.tuple(), udp);
  EXPECT_NE(std::hash<AddressPair>()(stream.tuple()), std::hash<AddressPair>()(udp));

  std::array<uint8_t, 100> buffer{};
  EXPECT_EQ(stream.receive(buffer).what, TcpRead::kNothing);
  ASSERT_EQ(::send(peer.get(), "hello", 5, 0), 5);
  auto read = stream.receive(buffer);
  EXPECT_EQ(read.what, TcpRead::kData);
  EXPECT_EQ(as_text(ByteView(buffer).first(read.size)), "hello");
  EXPECT_EQ(stream.send(as_bytes("good day")), TcpSent::kSent);
  EXPECT_EQ(heard_by(peer.get(), 8), "good day");
  EXPECT_EQ(stream.bytes_out(), 8U);

  peer.reset();
  EXPECT_EQ(stream.receive(buffer).what, TcpRead::kEnded);
}

TEST(TcpStream, a_slow_reader_fills_a_bounded_queue_and_gets_whole_messages_in_order) {
  auto listener = open_listener({.max_queued = 10'000, .kernel_unsent = 16'384});
  auto peer = dial(listener.bound_address(), 4096);
  auto stream = accept_one(listener);
  std::string sent;
  int refused = 0;
  for (int i = 0; refused < 10 && i < 10'000; ++i) {
    std::string message(1000, static_cast<char>('a' + i % 26));
    TcpSent result = stream.send(as_bytes(message));
    ASSERT_NE(result, TcpSent::kBroken);
    if (result == TcpSent::kFull)
      ++refused;
    else
      sent += message;
    EXPECT_LE(stream.queued(), 10'000U);
  }
  EXPECT_EQ(refused, 10);
  std::string heard;
  while (heard.size() < sent.size()) {
    std::string more = heard_by(peer.get(), std::min<size_t>(4000, sent.size() - heard.size()));
    ASSERT_FALSE(more.empty());
    heard += more;
    EXPECT_NE(stream.flush(), TcpSent::kBroken);
  }
  EXPECT_EQ(heard, sent);
  EXPECT_EQ(stream.queued(), 0U);
  EXPECT_EQ(stream.bytes_out(), sent.size());
}

TEST(TcpStream, a_reset_shows_as_broken) {
  auto listener = open_listener();
  auto peer = dial(listener.bound_address());
  auto stream = accept_one(listener);
  linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(peer.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  peer.reset();
  std::array<uint8_t, 10> buffer{};
  EXPECT_EQ(stream.receive(buffer).what, TcpRead::kBroken);
  EXPECT_EQ(stream.send(as_bytes("anybody there?")), TcpSent::kBroken);
}

TEST(TcpListener, ipv6_works_alike) {
  auto fd = listen_tcp(*SocketAddress::parse("[::]:0"));
  ASSERT_TRUE(fd);
  auto listener = TcpListener::adopt(std::move(*fd));
  ASSERT_TRUE(listener);
  auto target = *SocketAddress::from_ip("::1", listener->bound_address().port());
  auto peer = dial(target);
  EXPECT_EQ(accept_one(*listener).tuple().local, target) << "the address that was asked, also on a wildcard socket";
}

TEST(TcpListener, what_does_not_listen_is_refused_in_a_sentence) {
  auto udp = bind_udp(kLoopback);
  ASSERT_TRUE(udp);
  auto listener = TcpListener::adopt(std::move(*udp));
  ASSERT_FALSE(listener);
  EXPECT_NE(listener.error().message.find("not a listening TCP socket"), std::string::npos);
}

TEST(TcpListener, without_descriptors_left_a_connection_is_closed_and_counted) {
  auto listener = open_listener();
  auto peer = dial(listener.bound_address());
  pollfd waiting{.fd = listener.fd(), .events = POLLIN, .revents = 0};
  ASSERT_EQ(::poll(&waiting, 1, 1000), 1);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  UniqueFd lowest_free(::open("/dev/null", O_RDONLY));
  rlimit none = before;
  none.rlim_cur = static_cast<rlim_t>(lowest_free.get());
  lowest_free.reset();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  auto stream = listener.accept();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_FALSE(stream);
  EXPECT_EQ(listener.refused(), 1U);
  EXPECT_EQ(heard_by(peer.get(), 1), "");
  EXPECT_EQ(::poll(&waiting, 1, 0), 0) << "nothing is left that would make the loop spin";
  auto next = dial(listener.bound_address());
  EXPECT_EQ(accept_one(listener).tuple().remote, *local_address(next.get()));
}

}  // namespace
}  // namespace footlight::net
