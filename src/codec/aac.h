#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace footlight::codec {

// AudioSpecificConfig of AAC (ISO/IEC 14496-3 §1.6.2.1): what an esds box, RTMP and RFC 3640 carry.
struct AudioSpecificConfig {
  uint8_t object_type = 2;  // 2: AAC-LC
  uint32_t sample_rate = 48000;
  uint8_t channels = 2;  // channelConfiguration, 1..7

  [[nodiscard]] static std::optional<AudioSpecificConfig> parse(ByteView bytes);
  // Empty for object types or channel counts that do not fit the short form.
  [[nodiscard]] std::vector<uint8_t> write() const;
  friend bool operator==(const AudioSpecificConfig&, const AudioSpecificConfig&) = default;
};

}  // namespace footlight::codec
