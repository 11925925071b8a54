#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "base/result.h"

namespace footlight::codec {

enum class SpsError { kNotSps, kTruncated, kBadValue };

// VUI colour description (ITU-T H.264 §E.2.1); code points of ITU-T H.273, 2 is "unspecified".
struct VideoColour {
  bool full_range = false;
  uint8_t primaries = 2;
  uint8_t transfer = 2;
  uint8_t matrix = 2;
  friend bool operator==(const VideoColour&, const VideoColour&) = default;
};

// A sequence parameter set, as far as anyone here asks (ITU-T H.264 §7.3.2.1.1).
struct Sps {
  uint8_t profile_idc = 0;
  uint8_t constraint_flags = 0;  // the whole byte after profile_idc
  uint8_t level_idc = 0;
  uint8_t chroma_format_idc = 1;
  uint8_t bit_depth_luma = 8;
  int width = 0;   // cropped
  int height = 0;  // cropped
  bool interlaced = false;
  uint32_t max_ref_frames = 0;
  uint32_t reorder_frames = 0;  // max_num_reorder_frames where given, else what the profile allows is unknown: 0
  VideoColour colour;

  [[nodiscard]] static Result<Sps, SpsError> parse(ByteView nal);  // with its NAL header, emulation bytes still in
};

}  // namespace footlight::codec
