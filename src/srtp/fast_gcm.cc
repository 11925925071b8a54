#include "srtp/fast_gcm.h"

#ifdef FOOTLIGHT_IPSEC_MB
#include <intel-ipsec-mb.h>
#include <openssl/crypto.h>

namespace footlight::srtp {
namespace {

constexpr uint64_t kTagSize = 16;

// The library's functions for this processor; they keep no state. nullptr: it lacks AES or carry-less multiplication.
const IMB_MGR* functions() {
  static const IMB_MGR* const manager = [] {
    IMB_MGR* made = alloc_mb_mgr(0);
    if (made) init_mb_mgr_auto(made, nullptr);
    bool fit = made && imb_get_errno(made) == 0 && (made->features & IMB_FEATURE_AESNI) != 0 &&
               (made->features & IMB_FEATURE_PCLMULQDQ) != 0;
    if (!fit && made) free_mb_mgr(made);
    return fit ? made : nullptr;
  }();
  return manager;
}

class Key final : public FastGcm {
 public:
  explicit Key(ByteView key) {
    const IMB_MGR& f = *functions();
    bool long_key = key.size() == IMB_KEY_256_BYTES;
    (long_key ? f.gcm256_pre : f.gcm128_pre)(key.data(), &key_);
    seal_ = long_key ? f.gcm256_enc : f.gcm128_enc;
    open_ = long_key ? f.gcm256_dec : f.gcm128_dec;
  }
  ~Key() override { OPENSSL_cleanse(&key_, sizeof key_); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  void seal(const uint8_t* nonce, ByteView associated, ByteView in, uint8_t* out, uint8_t* tag) const override {
    gcm_context_data context;
    seal_(&key_, &context, out, in.data(), in.size(), nonce, associated.data(), associated.size(), tag, kTagSize);
  }
  void open(const uint8_t* nonce, ByteView associated, ByteView in, uint8_t* out, uint8_t* tag) const override {
    gcm_context_data context;
    open_(&key_, &context, out, in.data(), in.size(), nonce, associated.data(), associated.size(), tag, kTagSize);
  }

 private:
  alignas(64) gcm_key_data key_;  // its header aligns it only where LINUX is defined
  aes_gcm_enc_dec_t seal_;
  aes_gcm_enc_dec_t open_;
};

}  // namespace

std::unique_ptr<FastGcm> FastGcm::make(ByteView key) {
  bool known = key.size() == IMB_KEY_128_BYTES || key.size() == IMB_KEY_256_BYTES;
  return known && functions() ? std::make_unique<Key>(key) : nullptr;
}

}  // namespace footlight::srtp
#else
namespace footlight::srtp {
std::unique_ptr<FastGcm> FastGcm::make(ByteView) { return nullptr; }
}  // namespace footlight::srtp
#endif
