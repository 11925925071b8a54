#include "net/listen.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "base/random.h"

namespace footlight::net {
namespace {

const SocketAddress kLoopback = SocketAddress::v4({127, 0, 0, 1}, 0);

TEST(Listen, port_zero_takes_a_free_port_and_says_which) {
  auto fd = listen_tcp(kLoopback);
  ASSERT_TRUE(fd);
  auto address = local_address(fd->get());
  ASSERT_TRUE(address);
  EXPECT_TRUE(address->is_loopback());
  EXPECT_NE(address->port(), 0);
}

TEST(Listen, a_port_in_use_is_named_with_the_mend) {
  auto tcp = listen_tcp(kLoopback);
  ASSERT_TRUE(tcp);
  auto taken = *local_address(tcp->get());
  auto again = listen_tcp(taken);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, ListenErrorKind::kInUse);
  EXPECT_NE(again.error().message.find(taken.to_string()), std::string::npos) << again.error().message;

  auto udp = bind_udp(kLoopback);
  ASSERT_TRUE(udp);
  EXPECT_EQ(bind_udp(*local_address(udp->get())).error().kind, ListenErrorKind::kInUse);
}

TEST(Listen, a_foreign_address_is_refused_by_name) {
  auto fd = bind_udp(SocketAddress::v4({192, 0, 2, 1}, 0));  // TEST-NET-1: never ours
  ASSERT_FALSE(fd);
  EXPECT_EQ(fd.error().kind, ListenErrorKind::kNoSuchAddress);
}

class UnixSocket : public testing::Test {
 protected:
  UnixSocket() : folder_(std::filesystem::temp_directory_path() / ("fl" + random_id(6))) {
    std::filesystem::create_directories(folder_);
  }
  ~UnixSocket() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_;
};

TEST_F(UnixSocket, is_private_replaces_a_dead_one_and_spares_a_living_one) {
  std::string path = folder_ / "relay.sock";
  {
    auto first = listen_unix(path);
    ASSERT_TRUE(first);
    struct stat status{};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777, 0600U);
    auto second = listen_unix(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ListenErrorKind::kInUse);
  }
  EXPECT_TRUE(listen_unix(path));
}

TEST_F(UnixSocket, a_path_that_does_not_fit_is_one_sentence) {
  auto fd = listen_unix(folder_ / std::string(120, 'x'));
  ASSERT_FALSE(fd);
  EXPECT_NE(fd.error().message.find("107"), std::string::npos) << fd.error().message;
}

TEST(Listen, interfaces_come_loopback_first) {
  auto list = interface_addresses();
  ASSERT_FALSE(list.empty());
  EXPECT_TRUE(list.front().address.is_loopback());
  for (const auto& i : list) EXPECT_EQ(i.address.port(), 0);
}

}  // namespace
}  // namespace footlight::net
