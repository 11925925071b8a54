#include "codec/aac.h"

#include <array>

#include "codec/bit_reader.h"

namespace footlight::codec {
namespace {

// ISO/IEC 14496-3 table 1.18
constexpr std::array<uint32_t, 13> kSampleRates = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                                   22050, 16000, 12000, 11025, 8000,  7350};
constexpr uint32_t kExplicitRate = 15;      // samplingFrequencyIndex: 24 bits follow
constexpr uint32_t kEscapedObject = 31;     // audioObjectType: 6 more bits follow
constexpr uint32_t kSbr = 5, kPs = 29;      // audioObjectType: an extension in front of its core
constexpr uint32_t kSyncExtension = 0x2b7;  // §1.6.5.1: syncExtensionType of SBR

bool read_object_type(BitReader& r, uint32_t& out) {
  if (!r.read(5, out)) return false;
  uint32_t more = 0;
  if (out != kEscapedObject) return true;
  if (!r.read(6, more)) return false;
  out = more + 32;
  return true;
}

bool read_sample_rate(BitReader& r, uint32_t& out) {
  uint32_t index = 0;
  if (!r.read(4, index)) return false;
  if (index == kExplicitRate) return r.read(24, out) && out != 0;
  if (index >= kSampleRates.size()) return false;
  out = kSampleRates[index];
  return true;
}

// Behind a GASpecificConfig with neither of its options (§1.6.6.1): the extension as older decoders pass over it.
uint32_t sbr_rate_behind(BitReader& r) {
  uint32_t options = 0, sync = 0, object = 0, rate = 0;
  bool present = false;
  if (!r.read(2, options) || options != 0 || !r.read(11, sync) || sync != kSyncExtension) return 0;
  if (!read_object_type(r, object) || object != kSbr || !r.flag(present) || !present) return 0;
  return read_sample_rate(r, rate) ? rate : 0;
}

}  // namespace

std::optional<AudioSpecificConfig> AudioSpecificConfig::parse(ByteView bytes) {
  BitReader r(bytes);
  uint32_t object = 0;
  uint32_t rate = 0;
  uint32_t channels = 0;
  if (!read_object_type(r, object) || !read_sample_rate(r, rate)) return std::nullopt;
  if (!r.read(4, channels) || channels < 1 || channels > 7) return std::nullopt;
  uint32_t sbr_rate = 0;
  if ((object == kSbr || object == kPs) && (!read_sample_rate(r, sbr_rate) || !read_object_type(r, object)))
    return std::nullopt;
  bool short_frames = false;  // GASpecificConfig's frameLengthFlag (§4.4.1); encoders may cut the record before it
  if (object == 0 || (r.remaining() > 0 && !r.flag(short_frames))) return std::nullopt;
  if (sbr_rate == 0) sbr_rate = sbr_rate_behind(r);
  return AudioSpecificConfig{static_cast<uint8_t>(object), rate, static_cast<uint8_t>(channels),
                             short_frames ? 960 : 1024, sbr_rate};
}

}  // namespace footlight::codec
