#pragma once
#include <optional>

#include "base/bytes.h"
#include "codec/picture_size.h"
#include "media/track.h"

namespace footlight::rtp {

// The size of the picture that an RTP payload (without padding) opens, where it says so: an H.264 SPS alone or in a
// STAP-A, a VP8 key frame's first bytes, VP9's scalability structure or key frame header, AV1's sequence header. With
// several spatial layers, the largest. nullopt: not said here. Ask it of packets that starts_key_frame(): an H.264 key
// frame may answer with one packet and not with the next.
[[nodiscard]] std::optional<codec::PictureSize> picture_size(media::Codec codec, ByteView payload);

}  // namespace footlight::rtp
