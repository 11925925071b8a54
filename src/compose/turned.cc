#include "compose/turned.h"

#include <libyuv/rotate.h>

#include <utility>
#include <vector>

namespace footlight::compose {
namespace {

libyuv::RotationMode mode_of(int clockwise_degrees) {
  switch (clockwise_degrees) {
    case 90:
      return libyuv::kRotate90;
    case 180:
      return libyuv::kRotate180;
    case 270:
      return libyuv::kRotate270;
    default:
      return libyuv::kRotate0;
  }
}

}  // namespace

libav::Picture turned(const libav::Picture& picture, int clockwise_degrees) {
  const libyuv::RotationMode mode = mode_of(clockwise_degrees);
  if (mode == libyuv::kRotate0) return picture;
  libav::Picture out = picture;
  if (mode != libyuv::kRotate180) std::swap(out.width, out.height);
  const auto luma = static_cast<size_t>(out.width) * static_cast<size_t>(out.height);
  const auto chroma = static_cast<size_t>(out.chroma_width()) * static_cast<size_t>(out.chroma_height());
  auto pixels = std::make_shared<std::vector<uint8_t>>(luma + 2 * chroma);
  uint8_t* y = pixels->data();
  uint8_t* u = y + luma;
  uint8_t* v = u + chroma;
  libyuv::I420Rotate(picture.plane[0], picture.stride[0], picture.plane[1], picture.stride[1], picture.plane[2],
                     picture.stride[2], y, out.width, u, out.chroma_width(), v, out.chroma_width(), picture.width,
                     picture.height, mode);
  out.plane = {y, u, v};
  out.stride = {out.width, out.chroma_width(), out.chroma_width()};
  out.storage = std::move(pixels);
  return out;
}

}  // namespace footlight::compose
