#include "token/hmac.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/check.h"

namespace footlight::token {

Digest hmac_sha256(const Secret& key, std::string_view text) {
  Digest out;
  unsigned size = 0;
  const auto bytes = as_bytes(text);
  const auto* done = HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()), bytes.data(),
                          bytes.size(), out.data(), &size);
  CHECK(done != nullptr && size == out.size());
  return out;
}

Digest sha256(std::string_view text) {
  Digest out;
  unsigned size = 0;
  CHECK(EVP_Digest(text.data(), text.size(), out.data(), &size, EVP_sha256(), nullptr) == 1 && size == out.size());
  return out;
}

}  // namespace footlight::token
