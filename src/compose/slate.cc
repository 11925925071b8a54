#include "compose/slate.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "compose/canvas.h"
#include "compose/text_image.h"

namespace footlight::compose {
namespace {

// A footlight's glow: strongest below the middle of the lower edge, gone at half the height. Dithered, because a slow
// gradient in 8 bits shows bands.
void draw_glow(CanvasBuffer& canvas) {
  const Yuv ground = yuv_of(kGroundRgb);
  const Yuv light = yuv_of(0x3A2A17);  // the accent's amber at a quarter of its strength on the ground
  const uint8_t from[3] = {ground.y, ground.u, ground.v};
  const uint8_t to[3] = {light.y, light.u, light.v};
  uint32_t noise = 1;
  for (int p = 0; p < 3; ++p) {
    const int width = p == 0 ? canvas.width() : canvas.width() / 2;
    const int height = p == 0 ? canvas.height() : canvas.height() / 2;
    for (int y = height / 2; y < height; ++y) {
      const double up = 1 - static_cast<double>(y) / height;  // 0.5 .. 0
      uint8_t* row = canvas.plane(p) + y * canvas.stride(p);
      for (int x = 0; x < width; ++x) {
        const double aside = (static_cast<double>(x) / width - 0.5) * 1.1;
        const double strength = std::clamp(1 - 2 * std::sqrt(up * up + aside * aside), 0.0, 1.0);
        noise = noise * 1664525 + 1013904223;
        const double dither = (noise >> 8) / static_cast<double>(1 << 24);
        row[x] = static_cast<uint8_t>(std::floor(from[p] + (to[p] - from[p]) * strength * strength + dither));
      }
    }
  }
}

}  // namespace

libav::Picture render_slate(int width, int height, std::string_view text) {
  auto canvas = std::make_shared<CanvasBuffer>(width, height);
  canvas->fill(yuv_of(kGroundRgb));
  draw_glow(*canvas);
  const TextImage line = render_text(text, std::max(height / 14, 12), true);
  const int x = (width - line.width) / 2;
  const int y = height * 46 / 100 - line.height / 2;
  blit_text(line, x, y, yuv_of(kTextRgb), *canvas);
  const int bar = std::max(width / 16, 8);
  canvas->fill_rectangle((width - bar) / 2 & ~1, (y + line.height + height / 28) & ~1, bar & ~1,
                         std::max(height / 180 & ~1, 2), yuv_of(kAmberRgb));
  return share(std::move(canvas));
}

}  // namespace footlight::compose
