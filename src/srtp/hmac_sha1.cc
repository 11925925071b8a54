#define OPENSSL_SUPPRESS_DEPRECATED  // see the header
#include "srtp/hmac_sha1.h"

#include <openssl/crypto.h>

#include "base/check.h"

namespace footlight::srtp {
namespace {

void begin(SHA_CTX& state, ByteView key, uint8_t pad) {
  std::array<uint8_t, SHA_CBLOCK> block{};
  CHECK(key.size() <= block.size());
  for (size_t i = 0; i < block.size(); ++i) block[i] = static_cast<uint8_t>((i < key.size() ? key[i] : 0) ^ pad);
  SHA1_Init(&state);
  SHA1_Update(&state, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
}

}  // namespace

HmacSha1::HmacSha1(ByteView key) {
  begin(inner_, key, 0x36);
  begin(outer_, key, 0x5c);
}

HmacSha1::~HmacSha1() {
  OPENSSL_cleanse(&inner_, sizeof inner_);
  OPENSSL_cleanse(&outer_, sizeof outer_);
}

std::array<uint8_t, HmacSha1::kSize> HmacSha1::of(std::initializer_list<ByteView> parts) const {
  std::array<uint8_t, kSize> mac{};
  SHA_CTX state = inner_;
  for (ByteView part : parts) SHA1_Update(&state, part.data(), part.size());
  SHA1_Final(mac.data(), &state);
  state = outer_;
  SHA1_Update(&state, mac.data(), mac.size());
  SHA1_Final(mac.data(), &state);
  return mac;
}

}  // namespace footlight::srtp
