// No heap per packet, neither ours (operator new) nor OpenSSL's (its memory functions, replaced before its first use).
#include <gtest/gtest.h>
#include <openssl/crypto.h>

#include <atomic>
#include <cstdlib>
#include <new>
#include <vector>

#include "srtp/srtp_session.h"

namespace {

std::atomic<long> g_allocations = 0;

void* counted(size_t size) {
  ++g_allocations;
  return std::malloc(size);
}
void* openssl_malloc(size_t size, const char* /*file*/, int /*line*/) { return counted(size); }
void* openssl_realloc(void* p, size_t size, const char* /*file*/, int /*line*/) {
  ++g_allocations;
  return std::realloc(p, size);
}
void openssl_free(void* p, const char* /*file*/, int /*line*/) { std::free(p); }

const bool kCounting = CRYPTO_set_mem_functions(openssl_malloc, openssl_realloc, openssl_free) == 1;

}  // namespace

void* operator new(size_t size) {
  if (void* p = counted(size)) return p;
  throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, size_t /*size*/) noexcept { std::free(p); }

namespace footlight::srtp {
namespace {

TEST(SrtpSession, takes_no_memory_per_packet) {
  ASSERT_TRUE(kCounting);
  for (Profile profile : {Profile::kAeadAes128Gcm, Profile::kAeadAes256Gcm, Profile::kAes128CmHmacSha1}) {
    std::vector<uint8_t> joined(key_size(profile) + salt_size(profile), 5);
    auto key = *MasterKey::from_joined(profile, joined);
    SrtpSender sender(key);
    SrtpReceiver receiver(key);
    std::vector<uint8_t> packet(1500);
    std::vector<uint8_t> payload(1100, 7);
    auto round = [&](uint16_t seq) {
      ByteWriter rtp(packet);
      rtp.u16(0x8060);
      rtp.u16(seq);
      rtp.u32(0);
      rtp.u32(1);
      auto size = sender.protect_rtp(packet, 12, payload);
      ASSERT_TRUE(size && receiver.unprotect_rtp(MutableByteView(packet).first(*size)));
      ByteWriter rtcp(packet);
      rtcp.u32(0x80c90001);
      rtcp.u32(1);
      size = sender.protect_rtcp(packet, 8);
      ASSERT_TRUE(size && receiver.unprotect_rtcp(MutableByteView(packet).first(*size)));
    };
    round(0);
    long before = g_allocations;
    for (uint16_t seq = 1; seq < 100; ++seq) round(seq);
    EXPECT_EQ(g_allocations - before, 0) << static_cast<int>(profile);
  }
}

}  // namespace
}  // namespace footlight::srtp
