#include "load/clip.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "libav/video_encoder.h"

namespace footlight::load {
namespace {

constexpr int kSmallUpToKbps = 1000;
// Noise is made once, larger than the picture, and every frame looks at another part of it: motion that costs bits.
constexpr int kNoiseMargin = 64;
constexpr int kAttempts = 4;
constexpr double kGoodEnough = 0.05;
constexpr double kLowestWish = 50;  // kbit/s
constexpr uint8_t kGrey = 128;
constexpr uint32_t kSeed = 20261122;  // any: the clip is the same each time

class NoisePicture {
 public:
  NoisePicture(int width, int height)
      : width_(width), height_(height), stride_(width + kNoiseMargin), luma_(area(stride_, height + kNoiseMargin)) {
    std::mt19937 random(kSeed);
    // Blocks of 4 pixels: detail that an encoder at a low rate keeps some of.
    for (int y = 0; y < height_ + kNoiseMargin; ++y)
      for (int x = 0; x < stride_; ++x)
        at(x, y) = x % 4 == 0 && y % 4 == 0 ? static_cast<uint8_t>(64 + random() % 128) : at(x - x % 4, y - y % 4);
    chroma_.assign(area(width_ / 2, height_ / 2), kGrey);
  }

  [[nodiscard]] libav::Picture at_tick(int tick) const {
    int x = tick * 3 % kNoiseMargin;
    int y = tick * 2 % kNoiseMargin;
    libav::Picture picture;
    picture.width = width_;
    picture.height = height_;
    picture.plane = {luma_.data() + area(stride_, y) + static_cast<size_t>(x), chroma_.data(), chroma_.data()};
    picture.stride = {stride_, width_ / 2, width_ / 2};
    picture.matrix = libav::YuvMatrix::kBt709;
    return picture;
  }

 private:
  static size_t area(int width, int height) { return static_cast<size_t>(width) * static_cast<size_t>(height); }
  uint8_t& at(int x, int y) { return luma_[area(stride_, y) + static_cast<size_t>(x)]; }

  int width_, height_, stride_;
  std::vector<uint8_t> luma_, chroma_;
};

Result<std::vector<ClipFrame>, Error> encode(int kbps, bool small, int fps, int frames) {
  libav::VideoEncoderSettings settings{.width = small ? 640 : 1280,
                                       .height = small ? 360 : 720,
                                       .fps = fps,
                                       .key_interval = frames,
                                       .video_kbps = kbps,
                                       .max_kbps = kbps,
                                       .buffer_kbit = kbps,
                                       .threads = 1};
  auto encoder = libav::VideoEncoder::open(settings);
  if (!encoder) return fail("x264 does not take these settings: choose another rate or frame rate");
  NoisePicture noise(settings.width, settings.height);
  std::vector<ClipFrame> clip;
  for (int tick = 0; tick < frames; ++tick) {
    auto encoded = encoder->encode(noise.at_tick(tick), tick, tick == 0);
    if (!encoded) return fail("x264 failed to encode the clip");
    clip.push_back({encoded->key, std::move(encoded->data)});
  }
  return clip;
}

double rate_of(const std::vector<ClipFrame>& clip, int fps) {
  size_t bytes = 0;
  for (const ClipFrame& frame : clip) bytes += frame.access_unit.size();
  return static_cast<double>(bytes) * 8 / 1000 * fps / static_cast<double>(clip.size());
}

}  // namespace

Result<std::vector<ClipFrame>, Error> make_clip(int kbps, int fps, Duration length) {
  int frames = std::max(1, static_cast<int>(length.us() * fps / 1'000'000));
  double wish = kbps;
  std::vector<ClipFrame> clip;
  // A short clip ends before the encoder's rate control has settled: ask for less or more until it fits.
  for (int i = 0; i < kAttempts; ++i) {
    auto encoded = encode(static_cast<int>(wish), kbps <= kSmallUpToKbps, fps, frames);
    if (!encoded) return encoded;
    clip = std::move(*encoded);
    double ratio = rate_of(clip, fps) / kbps;
    if (std::abs(ratio - 1) <= kGoodEnough) break;
    wish = std::max(wish / ratio, kLowestWish);
  }
  return clip;
}

}  // namespace footlight::load
