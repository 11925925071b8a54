#pragma once
#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/prefetch.h"
#include "srtp/fast_gcm.h"

namespace footlight::srtp {

enum class CipherDirection : uint8_t { kEncrypt, kDecrypt };

// AES-GCM under one key, in one direction, with tags of 16 bytes (RFC 7714): FastGcm where this machine has it, else a
// reused context of OpenSSL's. `head` and `tail` are authenticated and not encrypted; `out` may be `in` itself and is
// as long. Takes no memory per packet.
class GcmCipher {
 public:
  static constexpr size_t kTagSize = 16;
  // Most associated data in two parts: SRTCP that is only authenticated, a whole datagram, and its index.
  static constexpr size_t kMaxJoined = 2048;
  using Nonce = std::array<uint8_t, 12>;
  enum class Engine : uint8_t { kBest, kOpenSsl };  // the latter alone: for tests, which compare both

  GcmCipher(ByteView key, CipherDirection direction, Engine engine = Engine::kBest);

  void seal(const Nonce& nonce, ByteView head, ByteView tail, ByteView in, uint8_t* out, MutableByteView tag);
  void prefetch_key() const {
    if (fast_) prefetch(fast_.get(), FastGcm::kHotSize);
  }
  // False when the tag does not fit, or there is more associated data than kMaxJoined: `out` is then worthless.
  [[nodiscard]] bool open(const Nonce& nonce, ByteView head, ByteView tail, ByteView in, uint8_t* out, ByteView tag);

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* c) const;
  };
  void begin(const Nonce& nonce, ByteView head, ByteView tail);
  void update(ByteView in, uint8_t* out);

  std::unique_ptr<FastGcm> fast_;
  std::unique_ptr<EVP_CIPHER_CTX, Free> context_;  // where fast_ is not
};

}  // namespace footlight::srtp
