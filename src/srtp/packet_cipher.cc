#include "srtp/packet_cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/check.h"

namespace footlight::srtp {
namespace {

const EVP_CIPHER* cipher_of(Profile profile) {
  switch (profile) {
    case Profile::kAes128CmHmacSha1:
      return EVP_aes_128_ctr();
    case Profile::kAeadAes128Gcm:
      return EVP_aes_128_gcm();
    case Profile::kAeadAes256Gcm:
      return EVP_aes_256_gcm();
  }
  return nullptr;
}

void xor_be(uint8_t* at, size_t bytes, uint64_t value) {
  for (size_t i = 0; i < bytes; ++i) at[i] ^= static_cast<uint8_t>(value >> (8 * (bytes - 1 - i)));
}

}  // namespace

void PacketCipher::Free::operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }

PacketCipher::PacketCipher(const MasterKey& master, KeyUse use, CipherDirection direction)
    : keys_(master, use), cipher_(EVP_CIPHER_CTX_new()) {
  int encrypt = direction == CipherDirection::kEncrypt || !is_aead(keys_.profile) ? 1 : 0;
  CHECK(cipher_ && EVP_CipherInit_ex(cipher_.get(), cipher_of(keys_.profile), nullptr, keys_.cipher_key().data(),
                                     nullptr, encrypt) == 1);
  if (!is_aead(keys_.profile)) mac_.emplace(keys_.auth);
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

void PacketCipher::begin(const PacketNonce& nonce) {
  auto iv = initial_vector(nonce);
  CHECK(EVP_CipherInit_ex(cipher_.get(), nullptr, nullptr, nullptr, iv.data(), -1) == 1);
}

void PacketCipher::crypt(ByteView in, uint8_t* out) {
  if (in.empty()) return;
  int size = 0;
  CHECK(EVP_CipherUpdate(cipher_.get(), out, &size, in.data(), static_cast<int>(in.size())) == 1);
}

void PacketCipher::add_associated(ByteView data) {
  if (data.empty()) return;
  int size = 0;
  CHECK(EVP_CipherUpdate(cipher_.get(), nullptr, &size, data.data(), static_cast<int>(data.size())) == 1);
}

void PacketCipher::seal(const PacketNonce& nonce, ByteView head, ByteView in, uint8_t* out, ByteView tail,
                        MutableByteView tag) {
  begin(nonce);
  if (!is_aead(keys_.profile)) {
    crypt(in, out);
    auto mac = mac_->of({head, ByteView(out, in.size()), tail});
    std::ranges::copy(ByteView(mac).first(tag.size()), tag.begin());
    return;
  }
  add_associated(head);
  add_associated(tail);
  crypt(in, out);
  std::array<uint8_t, 16> rest{};
  int size = 0;
  CHECK(EVP_CipherFinal_ex(cipher_.get(), rest.data(), &size) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(tag.size()), tag.data()) == 1);
}

bool PacketCipher::open(const PacketNonce& nonce, ByteView head, ByteView in, uint8_t* out, ByteView tail,
                        ByteView tag) {
  if (!is_aead(keys_.profile)) {
    // Authenticate first, then decrypt (RFC 3711 §3.3).
    auto mac = mac_->of({head, in, tail});
    if (CRYPTO_memcmp(mac.data(), tag.data(), tag.size()) != 0) return false;
    begin(nonce);
    crypt(in, out);
    return true;
  }
  begin(nonce);
  add_associated(head);
  add_associated(tail);
  crypt(in, out);
  std::array<uint8_t, 16> expected{};
  std::ranges::copy(tag, expected.begin());
  CHECK(EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(tag.size()), expected.data()) == 1);
  std::array<uint8_t, 16> rest{};
  int size = 0;
  return EVP_CipherFinal_ex(cipher_.get(), rest.data(), &size) == 1;
}

}  // namespace footlight::srtp
