#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "libav/picture.h"

namespace footlight::compose {

// A colour in BT.709 limited range, as it lies on the canvas.
struct Yuv {
  uint8_t y, u, v;
};
// From 8-bit sRGB (BT.709 matrix, limited range).
[[nodiscard]] Yuv yuv_of(uint32_t rgb);

inline constexpr uint32_t kGroundRgb = 0x0E1014;  // PAGES.md, "Look"
inline constexpr uint32_t kAmberRgb = 0xFFB454;
inline constexpr uint32_t kTextRgb = 0xF2F0EA;
inline constexpr uint32_t kQuietRgb = 0xA7A9B4;

// A writable 4:2:0 picture in BT.709 limited range; its size is even. Its owner writes, then shares it as a Picture.
class CanvasBuffer {
 public:
  CanvasBuffer(int width, int height);
  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  [[nodiscard]] uint8_t* plane(int i) { return pixels_.data() + offset_[i]; }
  [[nodiscard]] const uint8_t* plane(int i) const { return pixels_.data() + offset_[i]; }
  [[nodiscard]] int stride(int i) const { return i == 0 ? width_ : width_ / 2; }
  void fill(Yuv colour);
  // A rectangle with even corners, cut to the canvas.
  void fill_rectangle(int x, int y, int width, int height, Yuv colour);

 private:
  int width_, height_;
  size_t offset_[3];
  std::vector<uint8_t> pixels_;
};

// The picture that shares a buffer; the buffer must not be written while it is shared.
[[nodiscard]] libav::Picture share(std::shared_ptr<const CanvasBuffer> buffer);

// Gives buffers of one size again and again: a new one only when all earlier ones are still in use. One thread.
class CanvasPool {
 public:
  CanvasPool(int width, int height) : width_(width), height_(height) {}
  [[nodiscard]] std::shared_ptr<CanvasBuffer> take();

 private:
  int width_, height_;
  std::vector<std::shared_ptr<CanvasBuffer>> buffers_;
};

// Where a picture goes so that all of it is seen: centred, even corners and sizes.
struct Rectangle {
  int x, y, width, height;
};
[[nodiscard]] Rectangle fit(int width, int height, int canvas_width, int canvas_height);

// Draws `picture` on `canvas`: scaled to fit, ground around it, its matrix and range turned into the canvas's
// (unspecified below 720 lines is BT.601: DESIGN §2.4).
void draw_fitted(const libav::Picture& picture, CanvasBuffer& canvas);

}  // namespace footlight::compose
