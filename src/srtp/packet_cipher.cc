#include "srtp/packet_cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/check.h"

namespace footlight::srtp {
namespace {

void xor_be(uint8_t* at, size_t bytes, uint64_t value) {
  for (size_t i = 0; i < bytes; ++i) at[i] ^= static_cast<uint8_t>(value >> (8 * (bytes - 1 - i)));
}

GcmCipher::Nonce gcm_nonce(const std::array<uint8_t, 16>& iv) {
  GcmCipher::Nonce nonce;
  std::copy_n(iv.begin(), nonce.size(), nonce.begin());
  return nonce;
}

}  // namespace

void PacketCipher::Free::operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }

PacketCipher::PacketCipher(const MasterKey& master, KeyUse use, CipherDirection direction) : keys_(master, use) {
  if (is_aead(keys_.profile)) {
    gcm_.emplace(keys_.cipher_key(), direction);
    return;
  }
  // Counter mode turns what it encrypts back by encrypting it again.
  counter_.reset(EVP_CIPHER_CTX_new());
  CHECK(counter_ &&
        EVP_CipherInit_ex(counter_.get(), EVP_aes_128_ctr(), nullptr, keys_.cipher_key().data(), nullptr, 1) == 1);
  mac_.emplace(keys_.auth);
}

// Counter mode (RFC 3711 §4.1.1), 16 bytes: salt·2^16 XOR SSRC·2^64 XOR index·2^16.
// GCM, 12 bytes: salt XOR (16 zero bits, SSRC, 48-bit index) for RTP (RFC 7714 §8.1), and
// salt XOR (16 zero bits, SSRC, 16 zero bits, 0 and 31-bit index) for RTCP (§9.1): the same, the index being short.
std::array<uint8_t, 16> PacketCipher::initial_vector(const PacketNonce& nonce) const {
  std::array<uint8_t, 16> iv{};
  std::ranges::copy(ByteView(keys_.salt).first(salt_size(keys_.profile)), iv.begin());
  size_t ssrc_at = is_aead(keys_.profile) ? 2 : 4;
  xor_be(iv.data() + ssrc_at, 4, nonce.ssrc);
  xor_be(iv.data() + ssrc_at + 4, 6, nonce.index);
  return iv;
}

void PacketCipher::crypt(const PacketNonce& nonce, ByteView in, uint8_t* out) {
  auto iv = initial_vector(nonce);
  int size = 0;
  CHECK(EVP_CipherInit_ex(counter_.get(), nullptr, nullptr, nullptr, iv.data(), -1) == 1);
  if (!in.empty()) CHECK(EVP_CipherUpdate(counter_.get(), out, &size, in.data(), static_cast<int>(in.size())) == 1);
}

void PacketCipher::seal(const PacketNonce& nonce, ByteView head, ByteView in, uint8_t* out, ByteView tail,
                        MutableByteView tag) {
  if (gcm_) return gcm_->seal(gcm_nonce(initial_vector(nonce)), head, tail, in, out, tag);
  crypt(nonce, in, out);
  auto mac = mac_->of({head, ByteView(out, in.size()), tail});
  std::ranges::copy(ByteView(mac).first(tag.size()), tag.begin());
}

bool PacketCipher::open(const PacketNonce& nonce, ByteView head, ByteView in, uint8_t* out, ByteView tail,
                        ByteView tag) {
  if (gcm_) return gcm_->open(gcm_nonce(initial_vector(nonce)), head, tail, in, out, tag);
  // Authenticate first, then decrypt (RFC 3711 §3.3).
  auto mac = mac_->of({head, in, tail});
  if (CRYPTO_memcmp(mac.data(), tag.data(), tag.size()) != 0) return false;
  crypt(nonce, in, out);
  return true;
}

}  // namespace footlight::srtp
