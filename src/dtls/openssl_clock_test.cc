#include <gtest/gtest.h>
#include <sys/time.h>

#include <ctime>

#include "dtls/openssl_clock_for_tests.h"

extern "C" int gettimeofday(timeval* out, void* /*zone*/) noexcept {
  int64_t us = footlight::dtls::openssl_clock_us().load();
  if (us == 0) {
    timespec now{};
    clock_gettime(CLOCK_REALTIME, &now);
    us = int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  }
  out->tv_sec = us / 1'000'000;
  out->tv_usec = us % 1'000'000;
  return 0;
}

namespace footlight::dtls {

std::atomic<int64_t>& openssl_clock_us() {
  static std::atomic<int64_t> us = 0;
  return us;
}

TEST(OpensslClock, is_turned_by_hand_and_given_back) {
  timeval now{};
  openssl_clock_us() = 5'000'007;
  ASSERT_EQ(gettimeofday(&now, nullptr), 0);
  EXPECT_EQ(now.tv_sec, 5);
  EXPECT_EQ(now.tv_usec, 7);
  openssl_clock_us() = 0;
  gettimeofday(&now, nullptr);
  EXPECT_NEAR(static_cast<double>(now.tv_sec), static_cast<double>(time(nullptr)), 2);
}

}  // namespace footlight::dtls
