#pragma once
// What the relay's fuzz programs share. A run makes a whole relay with its peers: it has to be cheap, and the same each
// time.
#include <openssl/crypto.h>

#include <random>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "base/random_tape.h"
#include "relay/test_peer.h"

// Freed memory is kept aside to find uses of it; with as much as ASan keeps by itself every run would take fresh pages.
extern "C" const char* __asan_default_options() { return "quarantine_size_mb=32:malloc_context_size=8"; }

namespace footlight::relay {

// SSRCs, ids and first numbers of a run: the same in each, but for OpenSSL's own part.
class FixedRandomness {
 public:
  FixedRandomness() {
    static const std::vector<uint8_t> fixed = [] {
      std::vector<uint8_t> bytes(1 << 14);
      std::minstd_rand random(1);
      for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
      return bytes;
    }();
    tape_.append(fixed);
    tape_.start();
  }

 private:
  RandomTape tape_{RandomTape::Mode::kPlay};
};

// A publisher's packet: most are of an SSRC that was agreed on, the others only become strays.
inline std::vector<uint8_t> aimed(const test::Peer& publisher, ByteView bytes) {
  constexpr size_t kSsrcAt = 8;
  std::vector<uint8_t> packet(bytes.begin(), bytes.end());
  if (packet.size() < rtp::kFixedHeaderSize || packet[kSsrcAt] % 4 == 3) return packet;
  const std::array agreed{publisher.video_ssrc, publisher.rtx_ssrc, publisher.audio_ssrc};
  ByteWriter(MutableByteView(packet).subspan(kSsrcAt)).u32(agreed[packet[kSsrcAt] % 4].value());
  return packet;
}

}  // namespace footlight::relay

// The C library's own, below what ASan puts in their place.
extern "C" void* __libc_malloc(size_t size);
extern "C" void* __libc_realloc(void* memory, size_t size);
extern "C" void __libc_free(void* memory);

// A handshake takes thousands of pieces of memory, and OpenSSL is not what is looked at here: watching over them made a
// run three times as long. dtls_datagram_fuzz does watch.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  CHECK(
      CRYPTO_set_mem_functions([](size_t size, const char*, int) { return __libc_malloc(size); },
                               [](void* memory, size_t size, const char*, int) { return __libc_realloc(memory, size); },
                               [](void* memory, const char*, int) { __libc_free(memory); }) == 1);
  footlight::configure_logging(footlight::LogLevel::kError, footlight::LogFormat::kText, "fuzz");
  return 0;
}
