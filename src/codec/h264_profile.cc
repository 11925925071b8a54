#include "codec/h264_profile.h"

#include <array>
#include <cstdlib>

namespace footlight::codec {
namespace {

struct ProfilePattern {  // RFC 6184 table 5: profile_idc and the bits of profile-iop that matter
  uint8_t idc;
  uint8_t mask;
  uint8_t value;
  H264Profile profile;
};
constexpr std::array kPatterns = {
    ProfilePattern{0x42, 0x4f, 0x40, H264Profile::kConstrainedBaseline},
    ProfilePattern{0x4d, 0x8f, 0x80, H264Profile::kConstrainedBaseline},
    ProfilePattern{0x58, 0xcf, 0xc0, H264Profile::kConstrainedBaseline},
    ProfilePattern{0x42, 0x4f, 0x00, H264Profile::kBaseline},
    ProfilePattern{0x58, 0xcf, 0x80, H264Profile::kBaseline},
    ProfilePattern{0x4d, 0x8f, 0x00, H264Profile::kMain},
    ProfilePattern{0x64, 0xff, 0x0c, H264Profile::kConstrainedHigh},
    ProfilePattern{0x64, 0xff, 0x00, H264Profile::kHigh},
    ProfilePattern{0xf4, 0xff, 0x00, H264Profile::kHigh444},
};

constexpr char kHex[] = "0123456789abcdef";

}  // namespace

std::optional<ProfileLevelId> ProfileLevelId::parse(std::string_view hex) {
  constexpr size_t kDigits = 6;
  if (hex.size() != kDigits) return std::nullopt;
  std::array<uint8_t, 3> bytes{};
  for (size_t i = 0; i < kDigits; ++i) {
    char c = hex[i];
    int digit = c >= '0' && c <= '9'   ? c - '0'
                : c >= 'a' && c <= 'f' ? c - 'a' + 10
                : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                       : -1;
    if (digit < 0) return std::nullopt;
    bytes[i / 2] = static_cast<uint8_t>(bytes[i / 2] << 4 | digit);
  }
  return ProfileLevelId{bytes[0], bytes[1], bytes[2]};
}

std::string ProfileLevelId::text() const {
  std::string out;
  for (uint8_t b : {profile_idc, constraint_flags, level_idc}) {
    out += kHex[b >> 4];
    out += kHex[b & 15];
  }
  return out;
}

H264Profile ProfileLevelId::profile() const {
  for (const ProfilePattern& p : kPatterns)
    if (p.idc == profile_idc && (constraint_flags & p.mask) == p.value) return p.profile;
  return H264Profile::kOther;
}

int profile_distance(const ProfileLevelId& sent, const ProfileLevelId& asked) {
  constexpr int kCannotDecode = 100;  // any entry that decodes more than it needs is nearer than one that decodes less
  constexpr int kUnrelated = 1000;
  H264Profile have = sent.profile();
  H264Profile want = asked.profile();
  if (have == H264Profile::kOther || want == H264Profile::kOther)
    return sent.profile_idc == asked.profile_idc ? 0 : kUnrelated;
  int more = static_cast<int>(want) - static_cast<int>(have);
  return more >= 0 ? more : kCannotDecode - more;
}

}  // namespace footlight::codec
