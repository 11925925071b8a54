// The forward path takes nothing from the heap once it is warm (STYLE §2.20). Not under sanitizers: they bring an
// operator new of their own, and the release suite counts.
#if !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "relay/test_peer.h"

namespace {
std::atomic<bool> g_counting{false};
std::atomic<int> g_allocations{0};
}  // namespace

void* operator new(size_t size) {
  if (g_counting) ++g_allocations;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t) noexcept { std::free(p); }

namespace footlight::relay {
namespace {

using test::Network;
using test::Peer;

TEST(ForwardPath, allocates_nothing_per_packet_after_warm_up) {
  Network network;
  Peer publisher(network, "10.0.0.1:5000", {.publishes = true});
  ASSERT_TRUE(publisher.join("p", "s"));
  ASSERT_TRUE(publisher.connect());
  std::vector<std::unique_ptr<Peer>> viewers;
  for (int i = 0; i < 5; ++i) {
    viewers.push_back(std::make_unique<Peer>(network, fmt::format("10.0.1.{}:5000", i)));
    ASSERT_TRUE(viewers.back()->join(fmt::format("v{}", i), "s"));
    ASSERT_TRUE(viewers.back()->connect());
  }
  // The publisher's datagrams are kept instead of carried, and what the relay sends is lost.
  std::vector<std::vector<uint8_t>> datagrams;
  network.drop = [&](bool to_relay, ByteView bytes) {
    if (to_relay) datagrams.emplace_back(bytes.begin(), bytes.end());
    return true;
  };
  for (int i = 0; i < 1000; ++i) {
    publisher.send_frame(i % 60 == 0);
    publisher.send_audio();
  }
  AddressPair tuple{test::kMediaAddress, publisher.at()};
  Timestamp now = network.now();
  size_t warm = 3600;
  ASSERT_EQ(datagrams.size(), 4000u);
  for (size_t i = 0; i < datagrams.size(); ++i) {
    g_counting = i >= warm;
    if (i % 4 == 0) now += Duration::millis(33);
    network.core().on_media(datagrams[i], tuple, now, now);
    network.core().flush(now);
  }
  g_counting = false;
  EXPECT_EQ(g_allocations, 0);
  EXPECT_GE(network.core().counters().packets_out, 5u * 3900);
}

}  // namespace
}  // namespace footlight::relay

#endif
