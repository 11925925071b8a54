#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace footlight::codec {

// In the order of what a decoder must be able to do.
enum class H264Profile : uint8_t { kConstrainedBaseline, kBaseline, kMain, kConstrainedHigh, kHigh, kHigh444, kOther };

// The profile-level-id of SDP: profile_idc, profile-iop, level_idc in six hexadecimal digits (RFC 6184 §8.1).
struct ProfileLevelId {
  uint8_t profile_idc = 0x42;  // §8.1: absent means Baseline, level 1
  uint8_t constraint_flags = 0;
  uint8_t level_idc = 10;

  [[nodiscard]] static std::optional<ProfileLevelId> parse(std::string_view hex);
  [[nodiscard]] std::string text() const;
  [[nodiscard]] H264Profile profile() const;  // RFC 6184 table 5
  friend bool operator==(const ProfileLevelId&, const ProfileLevelId&) = default;
};

// How badly a receiver that asked for `asked` is served by `sent`: 0 the same profile; small, it decodes more than
// that; large, it decodes less than that. Levels never count (CONTRACT §4, WHEP).
[[nodiscard]] int profile_distance(const ProfileLevelId& sent, const ProfileLevelId& asked);

}  // namespace footlight::codec
