#include "rtmp/avc_config.h"

#include "codec/h264.h"

namespace footlight::rtmp {
namespace {

// `count` parameter sets, each behind its length in two bytes.
bool read_sets(ByteReader& r, int count, AvcConfig& out) {
  for (int i = 0; i < count; ++i) {
    uint16_t size = 0;
    ByteView set;
    if (!r.read_u16(size) || !r.read_bytes(size, set)) return false;
    if (set.empty()) continue;
    if (out.sps.empty() && codec::nal_type(set) == codec::NalType::kSps) out.sps.assign(set.begin(), set.end());
    auto& sets = out.parameter_sets;
    sets.insert(sets.end(), std::begin(codec::kStartCode), std::end(codec::kStartCode));
    sets.insert(sets.end(), set.begin(), set.end());
    if (sets.size() > AvcConfig::kMaxParameterSets) return false;
  }
  return true;
}

}  // namespace

// configurationVersion, profile, compatibility, level (1 each), lengthSizeMinusOne (low 2 bits), number of SPS (low 5
// bits), them, number of PPS (1), them. What a high profile adds behind is in the SPS as well.
std::optional<AvcConfig> AvcConfig::parse(ByteView record) {
  ByteReader r(record);
  AvcConfig out;
  uint8_t version = 0;
  uint8_t length = 0;
  uint8_t count = 0;
  if (!r.read_u8(version) || version != 1 || !r.skip(3) || !r.read_u8(length) || !r.read_u8(count)) return std::nullopt;
  out.length_size = (length & 3U) + 1;
  if (out.length_size == 3) return std::nullopt;
  if (!read_sets(r, count & 0x1f, out) || !r.read_u8(count) || !read_sets(r, count, out)) return std::nullopt;
  if (out.sps.size() < 4) return std::nullopt;  // too short to name its profile
  return out;
}

}  // namespace footlight::rtmp
