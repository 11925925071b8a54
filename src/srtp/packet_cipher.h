#pragma once
#include <openssl/types.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "srtp/gcm_cipher.h"
#include "srtp/hmac_sha1.h"
#include "srtp/session_keys.h"

namespace footlight::srtp {

// A packet's nonce material: the salted SSRC and index of RFC 3711 §4.1.1 and RFC 7714 §8.1, §9.1.
struct PacketNonce {
  uint32_t ssrc;
  uint64_t index;  // RTP: 48 bits; RTCP: 31 bits
};

// The cipher of one direction of RTP or RTCP: AES-GCM, or AES counter mode with HMAC-SHA1. `head` and `tail` are
// authenticated and not encrypted; `out` may be `in` itself and is as long. The tag has tag_size(profile) bytes. Takes
// no memory per packet.
class PacketCipher {
 public:
  PacketCipher(const MasterKey& master, KeyUse use, CipherDirection direction);

  void seal(const PacketNonce& nonce, ByteView head, ByteView in, uint8_t* out, ByteView tail, MutableByteView tag);
  // False when the tag does not fit: `out` is then worthless.
  [[nodiscard]] bool open(const PacketNonce& nonce, ByteView head, ByteView in, uint8_t* out, ByteView tail,
                          ByteView tag);
  void prefetch_key() const {
    if (gcm_) gcm_->prefetch_key();
  }
  [[nodiscard]] Profile profile() const { return keys_.profile; }

 private:
  struct Free {
    void operator()(EVP_CIPHER_CTX* c) const;
  };
  [[nodiscard]] std::array<uint8_t, 16> initial_vector(const PacketNonce& nonce) const;
  void crypt(const PacketNonce& nonce, ByteView in, uint8_t* out);

  SessionKeys keys_;
  std::optional<GcmCipher> gcm_;
  // Counter mode; the tag is the beginning of the MAC (RFC 3711 §4.2.1).
  std::unique_ptr<EVP_CIPHER_CTX, Free> counter_;
  std::optional<HmacSha1> mac_;
};

}  // namespace footlight::srtp
