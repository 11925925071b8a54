#include "compose/canvas.h"

#include <libyuv/scale.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/check.h"
#include "compose/colour.h"

namespace footlight::compose {

Yuv yuv_of(uint32_t rgb) {
  const double r = (rgb >> 16 & 0xff) / 255.0;
  const double g = (rgb >> 8 & 0xff) / 255.0;
  const double b = (rgb & 0xff) / 255.0;
  // BT.709 §3: Kr 0.2126, Kb 0.0722; limited range 16..235 and 16..240.
  const double y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  const auto byte = [](double v) { return static_cast<uint8_t>(std::lround(v)); };
  return {byte(16 + 219 * y), byte(128 + 224 * (b - y) / 1.8556), byte(128 + 224 * (r - y) / 1.5748)};
}

CanvasBuffer::CanvasBuffer(int width, int height) : width_(width), height_(height) {
  CHECK(width > 0 && height > 0 && width % 2 == 0 && height % 2 == 0);
  const size_t luma = static_cast<size_t>(width) * static_cast<size_t>(height);
  offset_[0] = 0;
  offset_[1] = luma;
  offset_[2] = luma + luma / 4;
  pixels_.resize(luma + luma / 2);
}

void CanvasBuffer::fill(Yuv colour) { fill_rectangle(0, 0, width_, height_, colour); }

void CanvasBuffer::fill_rectangle(int x, int y, int width, int height, Yuv colour) {
  const int right = std::min(x + width, width_);
  const int bottom = std::min(y + height, height_);
  x = std::max(x, 0);
  y = std::max(y, 0);
  if (x >= right || y >= bottom) return;
  const uint8_t values[3] = {colour.y, colour.u, colour.v};
  for (int p = 0; p < 3; ++p) {
    const int shift = p == 0 ? 0 : 1;
    for (int row = y >> shift; row < bottom >> shift; ++row)
      std::memset(plane(p) + row * stride(p) + (x >> shift), values[p],
                  static_cast<size_t>((right >> shift) - (x >> shift)));
  }
}

libav::Picture share(std::shared_ptr<const CanvasBuffer> buffer) {
  libav::Picture p;
  p.width = buffer->width();
  p.height = buffer->height();
  for (int i = 0; i < 3; ++i) {
    p.plane[static_cast<size_t>(i)] = buffer->plane(i);
    p.stride[static_cast<size_t>(i)] = buffer->stride(i);
  }
  p.matrix = libav::YuvMatrix::kBt709;
  p.storage = std::move(buffer);
  return p;
}

std::shared_ptr<CanvasBuffer> CanvasPool::take() {
  for (auto& b : buffers_)
    if (b.use_count() == 1) return b;
  return buffers_.emplace_back(std::make_shared<CanvasBuffer>(width_, height_));
}

Rectangle fit(int width, int height, int canvas_width, int canvas_height) {
  Rectangle r{0, 0, canvas_width, canvas_height};
  const int64_t wide = int64_t{width} * canvas_height;
  const int64_t tall = int64_t{height} * canvas_width;
  if (wide > tall) r.height = static_cast<int>(int64_t{canvas_width} * height / width);
  if (tall > wide) r.width = static_cast<int>(int64_t{canvas_height} * width / height);
  r.width = std::max(r.width & ~1, 2);
  r.height = std::max(r.height & ~1, 2);
  r.x = (canvas_width - r.width) / 2 & ~1;
  r.y = (canvas_height - r.height) / 2 & ~1;
  return r;
}

void draw_fitted(const libav::Picture& picture, CanvasBuffer& canvas) {
  const Rectangle r = fit(picture.width, picture.height, canvas.width(), canvas.height());
  const Yuv ground = yuv_of(kGroundRgb);
  canvas.fill_rectangle(0, 0, canvas.width(), r.y, ground);
  canvas.fill_rectangle(0, r.y + r.height, canvas.width(), canvas.height() - r.y - r.height, ground);
  canvas.fill_rectangle(0, r.y, r.x, r.height, ground);
  canvas.fill_rectangle(r.x + r.width, r.y, canvas.width() - r.x - r.width, r.height, ground);

  uint8_t* to[3];
  for (int p = 0; p < 3; ++p) {
    const int shift = p == 0 ? 0 : 1;
    to[p] = canvas.plane(p) + (r.y >> shift) * canvas.stride(p) + (r.x >> shift);
  }
  libyuv::I420Scale(picture.plane[0], picture.stride[0], picture.plane[1], picture.stride[1], picture.plane[2],
                    picture.stride[2], picture.width, picture.height, to[0], canvas.stride(0), to[1], canvas.stride(1),
                    to[2], canvas.stride(2), r.width, r.height, libyuv::kFilterBox);

  const bool small = picture.height < 720;
  const bool bt601 =
      picture.matrix == libav::YuvMatrix::kBt601 || (picture.matrix == libav::YuvMatrix::kUnspecified && small);
  if (bt601 || picture.full_range)
    to_canvas_colours({to[0], to[1], to[2]}, {canvas.stride(0), canvas.stride(1), canvas.stride(2)}, r.width, r.height,
                      bt601, picture.full_range);
}

}  // namespace footlight::compose
