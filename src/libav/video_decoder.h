#pragma once
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"
#include "libav/codec_error.h"
#include "libav/picture.h"
#include "media/track.h"

namespace footlight::libav {

struct DecodedPicture {
  int64_t time = 0;  // as given with the coded picture it came from
  Picture picture;
};

// H.264 (Annex B), VP8, VP9 or AV1 (low-overhead format), one coded picture in, at most one picture out: without delay
// and without threads of its own.
// One thread. Damaged bytes are kCorrupt and leave it usable; what came out damaged is kept back until a key frame.
class VideoDecoder {
 public:
  [[nodiscard]] static Result<VideoDecoder, CodecError> open(media::Codec codec);
  VideoDecoder(VideoDecoder&&) noexcept;
  VideoDecoder& operator=(VideoDecoder&&) noexcept;
  ~VideoDecoder();

  // `time` travels with the picture. nullopt: nothing to show (yet).
  [[nodiscard]] Result<std::optional<DecodedPicture>, CodecError> decode(ByteView coded, int64_t time);
  // Begins anew: a damaged parameter set can leave libavcodec reordering (and so delaying) for good.
  [[nodiscard]] Result<void, CodecError> reset();

 private:
  struct Impl;
  explicit VideoDecoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace footlight::libav
