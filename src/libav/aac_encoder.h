#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "libav/codec_error.h"

namespace footlight::libav {

inline constexpr int kAacFrameSamples = 1024;

struct AacFrame {
  // Index of the first sample that decoding this access unit gives, on the caller's own count. The encoder's priming
  // is already in it: the first unit starts 1024 samples before the first sample that was pushed.
  int64_t first_sample = 0;
  std::vector<uint8_t> data;  // one raw access unit
};

// libavcodec's AAC-LC at 48 kHz stereo. One thread. A unit comes out about two units after its samples went in
// (look-ahead and overlap): 43 ms.
class AacEncoder {
 public:
  // `first_sample`: the index that the first pushed sample has.
  [[nodiscard]] static Result<AacEncoder, CodecError> open(int bitrate_bps, int64_t first_sample);
  AacEncoder(AacEncoder&&) noexcept;
  AacEncoder& operator=(AacEncoder&&) noexcept;
  ~AacEncoder();

  // Interleaved stereo f32, any number of samples; appends what is finished to `out`.
  [[nodiscard]] Result<void, CodecError> push(std::span<const float> interleaved, std::vector<AacFrame>& out);
  [[nodiscard]] ByteView specific_config() const;  // AudioSpecificConfig; valid as long as the encoder

 private:
  struct Impl;
  explicit AacEncoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::libav
