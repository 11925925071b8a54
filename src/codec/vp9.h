#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "codec/picture_size.h"

namespace footlight::codec {

// The beginning of a VP9 frame's uncompressed header (VP9 bitstream specification §6.2).
struct Vp9FrameHeader {
  uint8_t profile = 0;
  bool key = false;
  bool shown = false;
  std::optional<PictureSize> size;  // key frames only

  [[nodiscard]] static std::optional<Vp9FrameHeader> parse(ByteView frame);
};

}  // namespace footlight::codec
