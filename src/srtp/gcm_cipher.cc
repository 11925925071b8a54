#include "srtp/gcm_cipher.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>

#include "base/check.h"

namespace footlight::srtp {
namespace {

// One run of bytes, which is what FastGcm takes. RTP's has one part, and is not copied.
class Associated {
 public:
  Associated(ByteView head, ByteView tail) : bytes_(head) {
    if (tail.empty()) return;
    CHECK(head.size() + tail.size() <= joined_.size());
    std::ranges::copy(tail, std::ranges::copy(head, joined_.begin()).out);
    bytes_ = ByteView(joined_).first(head.size() + tail.size());
  }
  Associated(const Associated&) = delete;
  Associated& operator=(const Associated&) = delete;
  [[nodiscard]] ByteView bytes() const { return bytes_; }

 private:
  std::array<uint8_t, GcmCipher::kMaxJoined> joined_;
  ByteView bytes_;
};

}  // namespace

void GcmCipher::Free::operator()(EVP_CIPHER_CTX* c) const { EVP_CIPHER_CTX_free(c); }

GcmCipher::GcmCipher(ByteView key, CipherDirection direction, Engine engine)
    : fast_(engine == Engine::kBest ? FastGcm::make(key) : nullptr) {
  if (fast_) return;
  context_.reset(EVP_CIPHER_CTX_new());
  const EVP_CIPHER* cipher = key.size() == 32 ? EVP_aes_256_gcm() : EVP_aes_128_gcm();
  int encrypt = direction == CipherDirection::kEncrypt ? 1 : 0;
  CHECK(context_ && EVP_CipherInit_ex(context_.get(), cipher, nullptr, key.data(), nullptr, encrypt) == 1);
}

void GcmCipher::begin(const Nonce& nonce, ByteView head, ByteView tail) {
  CHECK(EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce.data(), -1) == 1);
  update(head, nullptr);
  update(tail, nullptr);
}

// Without `out` it is associated data.
void GcmCipher::update(ByteView in, uint8_t* out) {
  int size = 0;
  if (!in.empty()) CHECK(EVP_CipherUpdate(context_.get(), out, &size, in.data(), static_cast<int>(in.size())) == 1);
}

void GcmCipher::seal(const Nonce& nonce, ByteView head, ByteView tail, ByteView in, uint8_t* out, MutableByteView tag) {
  if (fast_) {
    Associated associated(head, tail);
    return fast_->seal(nonce.data(), associated.bytes(), in, out, tag.data());
  }
  begin(nonce, head, tail);
  update(in, out);
  std::array<uint8_t, kTagSize> rest{};
  int size = 0;
  CHECK(EVP_CipherFinal_ex(context_.get(), rest.data(), &size) == 1);
  CHECK(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, kTagSize, tag.data()) == 1);
}

bool GcmCipher::open(const Nonce& nonce, ByteView head, ByteView tail, ByteView in, uint8_t* out, ByteView tag) {
  if (head.size() + tail.size() > kMaxJoined) return false;
  std::array<uint8_t, kTagSize> expected{};
  if (fast_) {
    Associated associated(head, tail);
    fast_->open(nonce.data(), associated.bytes(), in, out, expected.data());
    return CRYPTO_memcmp(expected.data(), tag.data(), kTagSize) == 0;
  }
  begin(nonce, head, tail);
  update(in, out);
  std::ranges::copy(tag, expected.begin());
  CHECK(EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, kTagSize, expected.data()) == 1);
  std::array<uint8_t, kTagSize> rest{};
  int size = 0;
  return EVP_CipherFinal_ex(context_.get(), rest.data(), &size) == 1;
}

}  // namespace footlight::srtp
