#include "libav/frame_picture.h"

#include <libyuv/convert.h>

#include <cstring>
#include <vector>

namespace footlight::libav {
namespace {

// libav puts there what the stream says (H.264 §E.2.1, a byte), with no name in the enum or with one: read as a number.
YuvMatrix matrix_of(const AVFrame& f) {
  static_assert(sizeof(f.colorspace) == sizeof(int));
  int space = 0;
  std::memcpy(&space, &f.colorspace, sizeof(space));
  switch (space) {
    case AVCOL_SPC_BT709:
      return YuvMatrix::kBt709;
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
      return YuvMatrix::kBt601;
    default:
      return YuvMatrix::kUnspecified;
  }
}

bool is_full_range(const AVFrame& f) {
  return f.color_range == AVCOL_RANGE_JPEG || f.format == AV_PIX_FMT_YUVJ420P || f.format == AV_PIX_FMT_YUVJ422P ||
         f.format == AV_PIX_FMT_YUVJ444P;
}

struct Planes {
  std::array<uint8_t*, 3> plane;
  std::array<int, 3> stride;
};

using Convert8 = decltype(&libyuv::I422ToI420);
using Convert16 = decltype(&libyuv::I010ToI420);

bool convert(Convert8 to_420, const AVFrame& f, const Planes& out) {
  return to_420(f.data[0], f.linesize[0], f.data[1], f.linesize[1], f.data[2], f.linesize[2], out.plane[0],
                out.stride[0], out.plane[1], out.stride[1], out.plane[2], out.stride[2], f.width, f.height) == 0;
}

// libav counts a line in bytes, libyuv in samples of 16 bits.
bool convert(Convert16 to_420, const AVFrame& f, const Planes& out) {
  const auto samples = [&](size_t i) { return reinterpret_cast<const uint16_t*>(f.data[i]); };
  return to_420(samples(0), f.linesize[0] / 2, samples(1), f.linesize[1] / 2, samples(2), f.linesize[2] / 2,
                out.plane[0], out.stride[0], out.plane[1], out.stride[1], out.plane[2], out.stride[2], f.width,
                f.height) == 0;
}

bool copy_into(const AVFrame& f, const Planes& out) {
  switch (f.format) {
    case AV_PIX_FMT_YUV422P:
    case AV_PIX_FMT_YUVJ422P:
      return convert(&libyuv::I422ToI420, f, out);
    case AV_PIX_FMT_YUV444P:
    case AV_PIX_FMT_YUVJ444P:
      return convert(&libyuv::I444ToI420, f, out);
    case AV_PIX_FMT_YUV420P10LE:
      return convert(&libyuv::I010ToI420, f, out);
    case AV_PIX_FMT_YUV422P10LE:
      return convert(&libyuv::I210ToI420, f, out);
    case AV_PIX_FMT_YUV444P10LE:
      return convert(&libyuv::I410ToI420, f, out);
    default:
      return false;
  }
}

// Encoders give such formats unasked: x264 takes a webcam's YUY2 as 4:2:2, and a screen's RGB as 4:4:4.
bool copy_as_420(const AVFrame& f, Picture& out) {
  const size_t luma = static_cast<size_t>(f.width) * static_cast<size_t>(f.height);
  const size_t chroma = static_cast<size_t>(out.chroma_width()) * static_cast<size_t>(out.chroma_height());
  auto pixels = std::make_shared<std::vector<uint8_t>>(luma + 2 * chroma);
  const Planes planes{{pixels->data(), pixels->data() + luma, pixels->data() + luma + chroma},
                      {f.width, out.chroma_width(), out.chroma_width()}};
  if (!copy_into(f, planes)) return false;
  for (size_t i = 0; i < 3; ++i) out.plane[i] = planes.plane[i];
  out.stride = planes.stride;
  out.storage = std::move(pixels);
  return true;
}

}  // namespace

Result<Picture, CodecError> picture_of(FramePtr frame) {
  Picture out;
  out.width = frame->width;
  out.height = frame->height;
  out.matrix = matrix_of(*frame);
  out.full_range = is_full_range(*frame);
  if (frame->format == AV_PIX_FMT_YUV420P || frame->format == AV_PIX_FMT_YUVJ420P) {
    for (size_t i = 0; i < 3; ++i) {
      out.plane[i] = frame->data[i];
      out.stride[i] = frame->linesize[i];
    }
    out.storage = std::shared_ptr<AVFrame>(std::move(frame));
    return out;
  }
  if (!copy_as_420(*frame, out)) return unexpected(CodecError::kUnsupported);
  return out;
}

}  // namespace footlight::libav
