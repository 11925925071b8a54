#pragma once
#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "srtp/master_key.h"

namespace footlight::srtp {

// RFC 3711 §4.3.2: RTP's labels; RTCP's follow by three.
enum class KeyUse : uint8_t { kRtp = 0, kRtcp = 3 };

// What a master key yields for RTP or for RTCP of one direction. Overwritten with zeros when it dies.
struct SessionKeys {
  SessionKeys(const MasterKey& master, KeyUse use);
  ~SessionKeys();
  SessionKeys(const SessionKeys&) = delete;
  SessionKeys& operator=(const SessionKeys&) = delete;

  [[nodiscard]] ByteView cipher_key() const { return ByteView(cipher).first(key_size(profile)); }

  Profile profile;
  std::array<uint8_t, 32> cipher{};
  std::array<uint8_t, 20> auth{};  // HMAC-SHA1's key; unused by AEAD profiles
  std::array<uint8_t, 14> salt{};  // AEAD: the first 12
};

}  // namespace footlight::srtp
