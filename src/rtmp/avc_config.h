#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace footlight::rtmp {

// What an AVCDecoderConfigurationRecord (ISO/IEC 14496-15 §5.3.3.1) says: an encoder's first video message.
struct AvcConfig {
  size_t length_size = 4;               // bytes of a NAL unit's length: 1, 2 or 4
  std::vector<uint8_t> sps;             // the first
  std::vector<uint8_t> parameter_sets;  // all, Annex B

  // nullopt: not whole, no parameter sets, or more than kMaxParameterSets bytes of them.
  [[nodiscard]] static std::optional<AvcConfig> parse(ByteView record);
  friend bool operator==(const AvcConfig&, const AvcConfig&) = default;

  static constexpr size_t kMaxParameterSets = 4096;  // real ones are below 200 bytes
};

}  // namespace footlight::rtmp
