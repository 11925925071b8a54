#include "compose/colour.h"

#include <algorithm>
#include <cmath>

namespace footlight::compose {
namespace {

constexpr int kShift = 14;  // fixed point: an error below 0.1 of a step

struct Coefficients {
  int yy, yu, yv;  // Y' = yy * (Y - black) + yu * U + yv * V
  int uu, uv, vu, vv;
  int black;  // luma of black going in
};

Coefficients coefficients(bool from_bt601, bool full_range) {
  // ITU-R BT.601 and BT.709: Kr, Kb. R'G'B' in between: R = Y + vr V, B = Y + ub U, G from the rest.
  const double kr = from_bt601 ? 0.299 : 0.2126;
  const double kb = from_bt601 ? 0.114 : 0.0722;
  const double kg = 1 - kr - kb;
  constexpr double kToR = 0.2126, kToB = 0.0722, kToG = 0.7152;
  // Normalised: Y 0..1, U and V -0.5..0.5.
  const double r_v = 2 * (1 - kr);
  const double b_u = 2 * (1 - kb);
  const double g_u = -b_u * kb / kg;
  const double g_v = -r_v * kr / kg;
  const double y_u = kToG * g_u + kToB * b_u;
  const double y_v = kToR * r_v + kToG * g_v;
  const double u_u = (b_u - y_u) / (2 * (1 - kToB));
  const double u_v = (0 - y_v) / (2 * (1 - kToB));
  const double v_u = (0 - y_u) / (2 * (1 - kToR));
  const double v_v = (r_v - y_v) / (2 * (1 - kToR));
  const double luma_in = full_range ? 255 : 219;
  const double chroma_in = full_range ? 255 : 224;
  const auto fixed = [](double x) { return static_cast<int>(std::lround(x * (1 << kShift))); };
  return {fixed(219 / luma_in),         fixed(y_u * 219 / chroma_in), fixed(y_v * 219 / chroma_in),
          fixed(u_u * 224 / chroma_in), fixed(u_v * 224 / chroma_in), fixed(v_u * 224 / chroma_in),
          fixed(v_v * 224 / chroma_in), full_range ? 0 : 16};
}

uint8_t limit(int v, int top) { return static_cast<uint8_t>(std::clamp(v, 16, top)); }

}  // namespace

void to_canvas_colours(std::array<uint8_t*, 3> plane, std::array<int, 3> stride, int width, int height, bool from_bt601,
                       bool from_full_range) {
  const Coefficients k = coefficients(from_bt601, from_full_range);
  constexpr int kHalf = 1 << (kShift - 1);
  for (int row = 0; row < height / 2; ++row) {
    uint8_t* top = plane[0] + 2 * row * stride[0];
    uint8_t* bottom = top + stride[0];
    uint8_t* us = plane[1] + row * stride[1];
    uint8_t* vs = plane[2] + row * stride[2];
    for (int x = 0; x < width / 2; ++x) {
      const int u = us[x] - 128;
      const int v = vs[x] - 128;
      const int shift = k.yu * u + k.yv * v + (16 << kShift) + kHalf - k.yy * k.black;
      for (uint8_t* luma : {top + 2 * x, top + 2 * x + 1, bottom + 2 * x, bottom + 2 * x + 1})
        *luma = limit((k.yy * *luma + shift) >> kShift, 235);
      us[x] = limit((k.uu * u + k.uv * v + (128 << kShift) + kHalf) >> kShift, 240);
      vs[x] = limit((k.vu * u + k.vv * v + (128 << kShift) + kHalf) >> kShift, 240);
    }
  }
}

}  // namespace footlight::compose
