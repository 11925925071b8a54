#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace footlight::srtp {

// Protection profiles by their DTLS-SRTP numbers: RFC 5764 §4.1.2, RFC 7714 §14.2.
enum class Profile : uint16_t {
  kAes128CmHmacSha1 = 0x0001,
  kAeadAes128Gcm = 0x0007,
  kAeadAes256Gcm = 0x0008,
};

[[nodiscard]] constexpr bool is_aead(Profile p) { return p != Profile::kAes128CmHmacSha1; }
[[nodiscard]] constexpr size_t key_size(Profile p) { return p == Profile::kAeadAes256Gcm ? 32 : 16; }
[[nodiscard]] constexpr size_t salt_size(Profile p) { return is_aead(p) ? 12 : 14; }
[[nodiscard]] constexpr size_t tag_size(Profile p) { return is_aead(p) ? 16 : 10; }

// What protect adds at most: the tag, and for SRTCP four bytes of E flag and index.
inline constexpr size_t kMaxRtpOverhead = 16;
inline constexpr size_t kMaxRtcpOverhead = 20;

// Master key and salt of one direction. Overwritten with zeros when it dies.
class MasterKey {
 public:
  // nullopt unless the sizes are the profile's.
  [[nodiscard]] static std::optional<MasterKey> make(Profile profile, ByteView key, ByteView salt);
  // Key and salt joined, as PipeKey and SDES carry them: 28 bytes for AES-128-GCM.
  [[nodiscard]] static std::optional<MasterKey> from_joined(Profile profile, ByteView key_and_salt);
  ~MasterKey();
  MasterKey(const MasterKey&) = default;
  MasterKey& operator=(const MasterKey&) = default;

  [[nodiscard]] Profile profile() const { return profile_; }
  [[nodiscard]] ByteView key() const { return ByteView(key_).first(key_size(profile_)); }
  [[nodiscard]] ByteView salt() const { return ByteView(salt_).first(salt_size(profile_)); }

 private:
  MasterKey() = default;
  Profile profile_{};
  std::array<uint8_t, 32> key_{};
  std::array<uint8_t, 14> salt_{};
};

}  // namespace footlight::srtp
