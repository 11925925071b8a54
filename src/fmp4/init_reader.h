#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "fmp4/box_reader.h"

namespace footlight::fmp4 {

struct VideoInfo {
  uint32_t track_id = 0;
  uint32_t timescale = 0;
  uint16_t width = 0, height = 0;
  uint8_t profile = 0, constraints = 0, level = 0;  // the three bytes of avc1.PPCCLL
};
struct AudioInfo {
  uint32_t track_id = 0;
  uint32_t timescale = 0;
  uint8_t object_type = 0;  // AAC-LC is 2
};
struct InitInfo {
  std::optional<VideoInfo> video;
  std::optional<AudioInfo> audio;
};

// Reads ftyp and moov with at most one avc1 and one mp4a track, and at least one of them.
[[nodiscard]] Result<InitInfo, ReadError> read_init_segment(ByteView bytes);

// RFC 6381: "avc1.4d401f,mp4a.40.2".
[[nodiscard]] std::string codecs(const InitInfo& info);

}  // namespace footlight::fmp4
