#pragma once
#include <array>
#include <span>

#include "base/units.h"
#include "compose/canvas.h"
#include "compose/text_image.h"

namespace footlight::compose {

// The built-in moving picture and tone: a clock with milliseconds, an amber light that sweeps once in four seconds, a
// soft 440 Hz with a short beep at each full second. Everything follows from wall time alone, so picture and sound show
// by themselves whether they are together. Owned by the Stage; programme thread.
class TestSource {
 public:
  TestSource(int width, int height);
  void draw(WallTime at, CanvasBuffer& canvas) const;
  // Interleaved stereo, from the sample that plays at `at`.
  static void sound(WallTime at, std::span<float> out);

 private:
  void draw_clock(WallTime at, CanvasBuffer& canvas) const;

  CanvasBuffer ground_;               // all that never moves
  std::array<TextImage, 12> glyphs_;  // 0-9 : .
};

}  // namespace footlight::compose
