#include "base/socket_address.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <unordered_set>

namespace footlight {
namespace {

TEST(SocketAddress, text_of_both_families_goes_there_and_back) {
  for (const char* text : {"127.0.0.1:7000", "0.0.0.0:0", "[::1]:65535", "[2001:db8::7]:443"}) {
    auto address = SocketAddress::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(address->to_string(), text);
    sockaddr_storage storage{};
    size_t size = address->to_sockaddr(storage);
    EXPECT_EQ(SocketAddress::from_sockaddr(reinterpret_cast<sockaddr*>(&storage), size), address);
  }
}

TEST(SocketAddress, refuses_what_is_not_an_address_with_a_port) {
  for (const char* text : {"", ":", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:-1", "localhost:80",
                           "::1:80", "[127.0.0.1]:80", "[::1]80", "1.2.3:4", "1.2.3.4:5 ", "[::1]:"})
    EXPECT_FALSE(SocketAddress::parse(text)) << text;
}

TEST(SocketAddress, knows_any_loopback_and_link_local) {
  EXPECT_TRUE(SocketAddress::parse("0.0.0.0:1")->is_any());
  EXPECT_TRUE(SocketAddress::parse("[::]:1")->is_any());
  EXPECT_TRUE(SocketAddress::parse("127.9.9.9:1")->is_loopback());
  EXPECT_TRUE(SocketAddress::parse("[::1]:1")->is_loopback());
  EXPECT_FALSE(SocketAddress::parse("[::2]:1")->is_loopback());
  EXPECT_TRUE(SocketAddress::from_ip("fe80::1", 1)->is_link_local());
  EXPECT_FALSE(SocketAddress().is_valid());
  EXPECT_FALSE(SocketAddress().is_any());
}

TEST(SocketAddress, neighbours_hash_apart) {
  std::unordered_set<size_t> low_bits;
  for (uint16_t port = 1; port <= 256; ++port) low_bits.insert(SocketAddress::v4({10, 0, 0, 1}, port).hash() & 0xffff);
  EXPECT_GT(low_bits.size(), 250U);
}

}  // namespace
}  // namespace footlight
