#pragma once
#include <array>
#include <cstdint>

namespace footlight::compose {

// Turns a 4:2:0 picture in place from BT.601 (or BT.709) in limited or full range into BT.709 limited range. Even width
// and height. Each luma sample uses the chroma of its 2x2 square: no more can be seen at 4:2:0.
void to_canvas_colours(std::array<uint8_t*, 3> plane, std::array<int, 3> stride, int width, int height, bool from_bt601,
                       bool from_full_range);

}  // namespace footlight::compose
