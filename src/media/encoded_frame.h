#pragma once
#include <cstdint>
#include <vector>

#include "base/units.h"
#include "media/track.h"

namespace footlight::media {

// One whole coded picture or audio packet, as a depacketizer or an encoder makes it.
// H.264 data is Annex B (start codes, parameter sets before each IDR); AAC is raw access units; Opus one packet.
struct EncodedFrame {
  Codec codec{};
  bool key = false;      // decodable alone (IDR, VP8 key frame); audio: always true
  int64_t rtp_time = 0;  // unwrapped RTP timestamp in the track's clock rate; never jumps back by a wrap
  Timestamp arrival{};   // when the first packet of the frame came in
  std::vector<uint8_t> data;
};

}  // namespace footlight::media
