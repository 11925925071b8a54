#pragma once
#include <atomic>
#include <cstdint>

namespace footlight::dtls {

// OpenSSL measures DTLS retransmission by gettimeofday(2). openssl_clock_test.cc replaces that function in the test
// program: store the test's own time here to turn OpenSSL's clock by hand, or 0 for the real one.
[[nodiscard]] std::atomic<int64_t>& openssl_clock_us();

}  // namespace footlight::dtls
