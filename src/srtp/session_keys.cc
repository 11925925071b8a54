#include "srtp/session_keys.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <memory>

#include "base/check.h"

namespace footlight::srtp {
namespace {

struct FreeCipher {
  void operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }
};

// RFC 3711 §4.3.1 with key derivation rate 0, §4.3.3 (AES-CM as PRF): the key stream at IV = (salt XOR
// label·2^48)·2^16. A 96-bit salt stands in the high bits of the 112 (RFC 7714 §11).
void derive(const MasterKey& master, uint8_t label, MutableByteView out) {
  std::array<uint8_t, 16> iv{};
  std::ranges::copy(master.salt(), iv.begin());
  iv[7] ^= label;
  std::unique_ptr<EVP_CIPHER_CTX, FreeCipher> ctx(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* cipher = key_size(master.profile()) == 32 ? EVP_aes_256_ctr() : EVP_aes_128_ctr();
  CHECK(ctx && EVP_EncryptInit_ex(ctx.get(), cipher, nullptr, master.key().data(), iv.data()) == 1);
  std::array<uint8_t, 32> zeros{};
  int size = 0;
  CHECK(EVP_EncryptUpdate(ctx.get(), out.data(), &size, zeros.data(), static_cast<int>(out.size())) == 1);
}

}  // namespace

SessionKeys::SessionKeys(const MasterKey& master, KeyUse use) : profile(master.profile()) {
  auto label = static_cast<uint8_t>(use);
  derive(master, label, MutableByteView(cipher).first(key_size(profile)));
  derive(master, static_cast<uint8_t>(label + 1), auth);
  derive(master, static_cast<uint8_t>(label + 2), MutableByteView(salt).first(salt_size(profile)));
}

SessionKeys::~SessionKeys() {
  OPENSSL_cleanse(cipher.data(), cipher.size());
  OPENSSL_cleanse(auth.data(), auth.size());
  OPENSSL_cleanse(salt.data(), salt.size());
}

}  // namespace footlight::srtp
