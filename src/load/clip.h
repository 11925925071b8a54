#pragma once
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "base/units.h"

namespace footlight::load {

struct ClipFrame {
  bool key = false;
  std::vector<uint8_t> access_unit;  // Annex B; parameter sets in front of a key frame
};

// A short H.264 clip to send over and over: it begins with a key frame, has no other, and lasts one key interval.
// Pictures are made of moving noise that fills the rate, as a camera's does. Encoding takes about as long as
// the clip. Size 640x360 up to 1 Mbit/s, 1280x720 above.
[[nodiscard]] Result<std::vector<ClipFrame>, Error> make_clip(int kbps, int fps, Duration length);

}  // namespace footlight::load
