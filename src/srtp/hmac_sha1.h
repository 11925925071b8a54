#pragma once
#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <initializer_list>

#include "base/bytes.h"

namespace footlight::srtp {

// HMAC-SHA1 (RFC 2104) under one key for many packets: the padded key is hashed once, and each packet starts from a
// copy of that state. OpenSSL 3.0's EVP interface takes memory for each such copy and for each new hash (two
// allocations a packet), so this uses the plain SHA-1 functions, which are deprecated but take none.
class HmacSha1 {
 public:
  static constexpr size_t kSize = SHA_DIGEST_LENGTH;

  explicit HmacSha1(ByteView key);  // at most 64 bytes
  ~HmacSha1();
  HmacSha1(const HmacSha1&) = delete;
  HmacSha1& operator=(const HmacSha1&) = delete;

  [[nodiscard]] std::array<uint8_t, kSize> of(std::initializer_list<ByteView> parts) const;

 private:
  SHA_CTX inner_{};
  SHA_CTX outer_{};
};

}  // namespace footlight::srtp
