#pragma once
#include <cstdint>
#include <optional>

#include "base/bytes.h"

namespace footlight::codec {

// The uncompressed data chunk that opens a VP8 frame (RFC 6386 §9.1).
struct Vp8FrameHeader {
  bool key = false;
  bool shown = false;
  int width = 0;  // key frames only; without scaling
  int height = 0;

  [[nodiscard]] static std::optional<Vp8FrameHeader> parse(ByteView frame);
};

}  // namespace footlight::codec
