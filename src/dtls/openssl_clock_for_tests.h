#pragma once
#include <sys/time.h>

#include <atomic>
#include <cstdint>
#include <ctime>

// OpenSSL measures DTLS retransmission by gettimeofday(2). A test program that includes this file, in exactly one of
// its sources, turns that clock by hand: set openssl_clock_us() to the test's own time, or to 0 for the real one.
namespace footlight::dtls {

inline std::atomic<int64_t>& openssl_clock_us() {
  static std::atomic<int64_t> us = 0;
  return us;
}

}  // namespace footlight::dtls

extern "C" __attribute__((visibility("default"))) int gettimeofday(timeval* out, void* /*zone*/) noexcept {
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
