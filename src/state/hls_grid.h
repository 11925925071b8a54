#pragma once
#include <algorithm>
#include <cstdint>

#include "state/programme.h"

namespace footlight::state {

// The grid of parts and segments that compose cuts and the origin announces, in canvas frames (CONTRACT §2,
// hls.part_ms): a part is the whole number of frames nearest the wish, a segment whole parts nearest its own.
struct HlsGrid {
  int64_t fps = 30;
  int64_t part_frames = 6;
  int64_t segment_parts = 10;

  // Rounded up, so that no part is longer than PART-TARGET says.
  [[nodiscard]] constexpr int64_t part_us() const { return (part_frames * 1'000'000 + fps - 1) / fps; }
  [[nodiscard]] constexpr int64_t segment_us() const {
    return (part_frames * segment_parts * 1'000'000 + fps - 1) / fps;
  }
};

[[nodiscard]] constexpr HlsGrid hls_grid(const Canvas& canvas, const HlsTiming& timing) {
  HlsGrid grid{.fps = std::max(canvas.fps, 1)};
  grid.part_frames = std::max<int64_t>(1, (timing.part_ms * grid.fps + 500) / 1000);
  const int64_t part_scaled = grid.part_frames * 1000;  // a part's length in ms, times fps
  grid.segment_parts = std::max<int64_t>(1, (timing.segment_ms * grid.fps + part_scaled / 2) / part_scaled);
  return grid;
}

}  // namespace footlight::state
