#include "codec/aac.h"

#include <algorithm>
#include <array>

#include "codec/bit_reader.h"

namespace footlight::codec {
namespace {

// ISO/IEC 14496-3 table 1.18
constexpr std::array<uint32_t, 13> kSampleRates = {96000, 88200, 64000, 48000, 44100, 32000, 24000,
                                                   22050, 16000, 12000, 11025, 8000,  7350};
constexpr uint32_t kExplicitRate = 15;   // samplingFrequencyIndex: 24 bits follow
constexpr uint32_t kEscapedObject = 31;  // audioObjectType: 6 more bits follow

}  // namespace

std::optional<AudioSpecificConfig> AudioSpecificConfig::parse(ByteView bytes) {
  BitReader r(bytes);
  uint32_t object = 0;
  uint32_t index = 0;
  uint32_t rate = 0;
  uint32_t channels = 0;
  if (!r.read(5, object)) return std::nullopt;
  if (object == kEscapedObject) {
    if (!r.read(6, object)) return std::nullopt;
    object += 32;
  }
  if (!r.read(4, index)) return std::nullopt;
  if (index == kExplicitRate) {
    if (!r.read(24, rate)) return std::nullopt;
  } else if (index < kSampleRates.size()) {
    rate = kSampleRates[index];
  } else {
    return std::nullopt;
  }
  if (!r.read(4, channels) || channels < 1 || channels > 7 || object == 0 || rate == 0) return std::nullopt;
  return AudioSpecificConfig{static_cast<uint8_t>(object), rate, static_cast<uint8_t>(channels)};
}

std::vector<uint8_t> AudioSpecificConfig::write() const {
  if (object_type == 0 || object_type >= kEscapedObject || channels < 1 || channels > 7) return {};
  uint64_t bits = object_type;
  size_t count = 5;
  auto put = [&](uint64_t value, size_t width) {
    bits = bits << width | value;
    count += width;
  };
  auto known = std::find(kSampleRates.begin(), kSampleRates.end(), sample_rate);
  if (known != kSampleRates.end()) {
    put(static_cast<uint64_t>(known - kSampleRates.begin()), 4);
  } else {
    put(kExplicitRate, 4);
    put(sample_rate & 0xffffff, 24);
  }
  put(channels, 4);
  put(0, 3);  // GASpecificConfig: 1024-sample frames, no core coder, no extension
  size_t padding = (8 - count % 8) % 8;
  put(0, padding);
  std::vector<uint8_t> out;
  for (size_t i = count; i > 0; i -= 8) out.push_back(static_cast<uint8_t>(bits >> (i - 8)));
  return out;
}

}  // namespace footlight::codec
