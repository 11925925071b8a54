#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace footlight::codec {

// AudioSpecificConfig of AAC (ISO/IEC 14496-3 §1.6.2.1): what an esds box, RTMP and RFC 3640 carry.
struct AudioSpecificConfig {
  uint8_t object_type = 2;   // of the core: 2 is AAC-LC
  uint32_t sample_rate = 0;  // of the core, Hz; with SBR (HE-AAC) twice as much comes out of a decoder
  uint8_t channels = 0;      // channelConfiguration, 1..7: 7 stands for eight channels
  int frame_samples = 1024;  // of the core, in one access unit: 1024 or 960
  uint32_t sbr_rate = 0;     // Hz, that comes out with SBR where the record names it; 0: it names none

  // nullopt: not whole, or without a sample rate or channels of its own.
  [[nodiscard]] static std::optional<AudioSpecificConfig> parse(ByteView bytes);
  friend bool operator==(const AudioSpecificConfig&, const AudioSpecificConfig&) = default;
};

}  // namespace footlight::codec
