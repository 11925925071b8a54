#pragma once
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "libav/codec_error.h"

namespace footlight::libav {

// AAC (raw access units) of any rate and channels to 48 kHz stereo. One thread. Damaged units are kCorrupt and leave it
// usable. What comes out of a unit is its samples at 48 kHz, give or take one; the rate converter keeps back less than
// a millisecond, always the same.
class AacDecoder {
 public:
  // `specific_config`: AudioSpecificConfig.
  [[nodiscard]] static Result<AacDecoder, CodecError> open(ByteView specific_config);
  AacDecoder(AacDecoder&&) noexcept;
  AacDecoder& operator=(AacDecoder&&) noexcept;
  ~AacDecoder();

  // Appends interleaved f32; the number of samples (per channel) that it appended.
  [[nodiscard]] Result<int, CodecError> decode(ByteView unit, std::vector<float>& out);
  // Units are missing: the next does not continue the last.
  void reset();

 private:
  struct Impl;
  explicit AacDecoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::libav
