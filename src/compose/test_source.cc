#include "compose/test_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "compose/timeline.h"

namespace footlight::compose {
namespace {

constexpr std::string_view kGlyphs = "0123456789:.";
constexpr int64_t kSweepUs = 4'000'000;
constexpr double kToneHz = 440;
constexpr double kBeepHz = 880;
constexpr double kToneLevel = 0.06;  // -24 dBFS: present, and nobody turns it off
constexpr double kBeepLevel = 0.16;
constexpr int64_t kBeepUs = 60'000;
constexpr double kFadeUs = 5000;  // a beep without fades clicks

int even(int v) { return v & ~1; }

}  // namespace

TestSource::TestSource(int width, int height) : ground_(width, height) {
  ground_.fill(yuv_of(kGroundRgb));
  const Yuv line = yuv_of(0x262B36);
  for (int i = 1; i < 12; ++i) ground_.fill_rectangle(even(width * i / 12), 0, 2, height, line);
  for (int i = 1; i < 8; ++i) ground_.fill_rectangle(0, even(height * i / 8), width, 2, line);
  const TextImage name = render_text("Footlight test picture", std::max(height / 20, 12), false);
  blit_text(name, (width - name.width) / 2, height * 5 / 8, yuv_of(kQuietRgb), ground_);
  const int pixels = std::max(height / 6, 14);
  for (size_t i = 0; i < glyphs_.size(); ++i) glyphs_[i] = render_text(kGlyphs.substr(i, 1), pixels, true);
}

void TestSource::draw(WallTime at, CanvasBuffer& canvas) const {
  for (int p = 0; p < 3; ++p) {
    const int rows = p == 0 ? canvas.height() : canvas.height() / 2;
    std::memcpy(canvas.plane(p), ground_.plane(p), static_cast<size_t>(canvas.stride(p)) * static_cast<size_t>(rows));
  }
  const double phase = static_cast<double>(at.us() % kSweepUs) / kSweepUs;
  const double swing = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * phase);
  const int light = even(std::max(canvas.width() / 10, 4));
  const int x = even(static_cast<int>(swing * (canvas.width() - light)));
  const int thick = even(std::max(canvas.height() / 40, 2));
  canvas.fill_rectangle(x, even(canvas.height() * 7 / 8 - thick / 2), light, thick, yuv_of(kAmberRgb));
  draw_clock(at, canvas);
}

// Digits stand in cells of equal width, so that the clock does not tremble.
void TestSource::draw_clock(WallTime at, CanvasBuffer& canvas) const {
  const int64_t ms = at.ms() % 86'400'000;
  const std::string text =
      fmt::format("{:02}:{:02}:{:02}.{:03}", ms / 3'600'000, ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
  int digit = 0;
  for (size_t i = 0; i < 10; ++i) digit = std::max(digit, glyphs_[i].width);
  const int mark = glyphs_[10].width;
  int x = (canvas.width() - 9 * digit - 3 * mark) / 2;
  const int y = canvas.height() * 3 / 8 - glyphs_[0].height / 2;
  for (const char c : text) {
    const size_t index = kGlyphs.find(c);
    const int cell = index < 10 ? digit : mark;
    blit_text(glyphs_[index], x + (cell - glyphs_[index].width) / 2, y, yuv_of(kTextRgb), canvas);
    x += cell;
  }
}

void TestSource::sound(WallTime at, std::span<float> out) {
  for (size_t i = 0; i < out.size() / 2; ++i) {
    const double us = static_cast<double>(at.us() % 1'000'000) + static_cast<double>(i) * 1e6 / kSampleRate;
    const double second = std::fmod(us, 1e6);
    // Both pitches are whole numbers of hertz, so each second begins at phase zero.
    double value = kToneLevel * std::sin(2 * std::numbers::pi * kToneHz * second / 1e6);
    if (second < kBeepUs) {
      const double fade = std::min({1.0, second / kFadeUs, (kBeepUs - second) / kFadeUs});
      value += kBeepLevel * fade * std::sin(2 * std::numbers::pi * kBeepHz * second / 1e6);
    }
    out[2 * i] = out[2 * i + 1] = static_cast<float>(value);
  }
}

}  // namespace footlight::compose
