#pragma once
#include "base/bytes.h"
#include "media/track.h"

namespace footlight::rtp {

// Does an RTP payload (without padding) hold the beginning of a key frame? H.264: an SPS, or an IDR slice's first
// bytes, alone, in a STAP-A or opening a FU-A. VP8, VP9 and AV1 by their descriptors. Audio: always.
// An H.264 key frame may answer true for several of its packets (SPS, then IDR): they share one RTP time.
[[nodiscard]] bool starts_key_frame(media::Codec codec, ByteView payload);
// H.264 parameter sets and no picture.
[[nodiscard]] bool holds_only_parameters(media::Codec codec, ByteView payload);

}  // namespace footlight::rtp
