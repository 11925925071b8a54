#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/result.h"
#include "libav/codec_error.h"
#include "libav/picture.h"

namespace footlight::libav {

struct VideoEncoderSettings {
  int width = 0, height = 0;  // even
  int fps = 30;
  int key_interval = 60;  // ticks: no more than this between two IDRs, even when nobody forces one
  int video_kbps = 2000;
  int max_kbps = 2500;
  int buffer_kbit = 5000;  // VBV
  int threads = 2;         // slices coded side by side; no frame is ever held back
};

struct EncodedPicture {
  int64_t tick = 0;
  bool key = false;           // IDR, parameter sets in front
  std::vector<uint8_t> data;  // Annex B
};

// x264 `veryfast`, `zerolatency`, Main, no B-frames, BT.709 limited range: every picture in gives one out at once.
// One thread calls; x264 keeps its own slice threads. Pictures must have the settings' size and rising ticks.
class VideoEncoder {
 public:
  [[nodiscard]] static Result<VideoEncoder, CodecError> open(const VideoEncoderSettings& settings);
  VideoEncoder(VideoEncoder&&) noexcept;
  VideoEncoder& operator=(VideoEncoder&&) noexcept;
  ~VideoEncoder();

  [[nodiscard]] Result<EncodedPicture, CodecError> encode(const Picture& picture, int64_t tick, bool force_key);

 private:
  struct Impl;
  explicit VideoEncoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::libav
