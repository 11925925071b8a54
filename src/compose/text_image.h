#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace footlight::compose {

// How much of each pixel a text covers: 8 bits, rows without gaps.
struct TextImage {
  int width = 0, height = 0;
  std::vector<uint8_t> coverage;
};

// Lays out one line (or more, at '\n', centred) by Pango and draws it by Cairo. `pixels`: height of the font. Costs
// milliseconds, the first call of a process tens of them (font lookup): render once, blit often.
[[nodiscard]] TextImage render_text(std::string_view text, int pixels, bool bold);

class CanvasBuffer;
struct Yuv;
// Draws the text with its top left corner at (x, y), both even; what hangs over the edge is cut.
void blit_text(const TextImage& text, int x, int y, Yuv colour, CanvasBuffer& canvas);

}  // namespace footlight::compose
