// What lies on the canvas: fitting, colours, text, slate, test picture; and the mixer's limiter.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "compose/canvas.h"
#include "compose/colour.h"
#include "compose/mixer.h"
#include "compose/slate.h"
#include "compose/test_source.h"

namespace footlight::compose {
namespace {

libav::Picture flat(int width, int height, Yuv colour, libav::YuvMatrix matrix, bool full_range) {
  const int cw = (width + 1) / 2;
  const int ch = (height + 1) / 2;
  auto pixels = std::make_shared<std::vector<uint8_t>>();
  pixels->insert(pixels->end(), static_cast<size_t>(width * height), colour.y);
  pixels->insert(pixels->end(), static_cast<size_t>(cw * ch), colour.u);
  pixels->insert(pixels->end(), static_cast<size_t>(cw * ch), colour.v);
  libav::Picture p;
  p.width = width;
  p.height = height;
  p.plane = {pixels->data(), pixels->data() + width * height, pixels->data() + width * height + cw * ch};
  p.stride = {width, cw, cw};
  p.matrix = matrix;
  p.full_range = full_range;
  p.storage = pixels;
  return p;
}

// sRGB to 8-bit YCbCr of BT.601.
Yuv bt601(double r, double g, double b, bool full) {
  const double y = 0.299 * r + 0.587 * g + 0.114 * b;
  const double u = (b - y) / 1.772;
  const double v = (r - y) / 1.402;
  const auto byte = [](double x) { return static_cast<uint8_t>(std::clamp(std::lround(x), 0L, 255L)); };
  return full ? Yuv{byte(255 * y), byte(128 + 255 * u), byte(128 + 255 * v)}
              : Yuv{byte(16 + 219 * y), byte(128 + 224 * u), byte(128 + 224 * v)};
}

TEST(Canvas, pictures_are_centred_whole_and_on_even_corners) {
  const auto expect = [](Rectangle r, int x, int y, int w, int h) {
    EXPECT_EQ(r.x, x);
    EXPECT_EQ(r.y, y);
    EXPECT_EQ(r.width, w);
    EXPECT_EQ(r.height, h);
  };
  expect(fit(640, 360, 1280, 720), 0, 0, 1280, 720);
  expect(fit(640, 480, 1280, 720), 160, 0, 960, 720);
  expect(fit(720, 1280, 1280, 720), 438, 0, 404, 720);
  expect(fit(1920, 800, 640, 360), 0, 46, 640, 266);
  expect(fit(1, 4000, 640, 360), 318, 0, 2, 360);
}

TEST(Canvas, colours_of_every_matrix_and_range_come_out_the_same) {
  for (const uint32_t rgb : {0xFFB454U, 0x2040C0U, 0x10E030U, 0xFF0000U, 0x808080U, 0xFFFFFFU, 0x000000U}) {
    const double r = (rgb >> 16 & 255) / 255.0;
    const double g = (rgb >> 8 & 255) / 255.0;
    const double b = (rgb & 255) / 255.0;
    const Yuv want = yuv_of(rgb);
    for (const bool full : {false, true}) {
      CanvasBuffer canvas(64, 36);
      draw_fitted(flat(64, 36, bt601(r, g, b, full), libav::YuvMatrix::kBt601, full), canvas);
      EXPECT_NEAR(canvas.plane(0)[64 * 18 + 32], want.y, 2) << std::hex << rgb << full;
      EXPECT_NEAR(canvas.plane(1)[32 * 9 + 16], want.u, 2) << std::hex << rgb << full;
      EXPECT_NEAR(canvas.plane(2)[32 * 9 + 16], want.v, 2) << std::hex << rgb << full;
    }
    CanvasBuffer canvas(64, 36);
    draw_fitted(flat(64, 36, want, libav::YuvMatrix::kBt709, false), canvas);
    EXPECT_EQ(canvas.plane(0)[64 * 18 + 32], want.y);
  }
}

TEST(Canvas, unspecified_colours_are_601_below_720_lines_and_709_from_there) {
  const Yuv red = bt601(1, 0, 0, false);
  CanvasBuffer canvas(64, 36);
  draw_fitted(flat(320, 180, red, libav::YuvMatrix::kUnspecified, false), canvas);
  EXPECT_NEAR(canvas.plane(0)[64 * 18 + 32], yuv_of(0xFF0000).y, 2);
  draw_fitted(flat(1280, 720, red, libav::YuvMatrix::kUnspecified, false), canvas);
  EXPECT_NEAR(canvas.plane(0)[64 * 18 + 32], red.y, 1);
}

TEST(Canvas, odd_sizes_are_drawn_and_the_bars_are_ground) {
  CanvasBuffer canvas(160, 90);
  canvas.fill({200, 10, 10});
  draw_fitted(flat(33, 77, {180, 128, 128}, libav::YuvMatrix::kBt709, false), canvas);
  EXPECT_EQ(canvas.plane(0)[0], yuv_of(kGroundRgb).y);
  EXPECT_EQ(canvas.plane(1)[0], yuv_of(kGroundRgb).u);
  EXPECT_NEAR(canvas.plane(0)[45 * 160 + 80], 180, 1);
  EXPECT_EQ(canvas.plane(0)[45 * 160 + 159], yuv_of(kGroundRgb).y);
}

TEST(CanvasPool, a_buffer_in_use_is_never_given_again) {
  CanvasPool pool(64, 36);
  auto first = pool.take();
  const libav::Picture shown = share(first);
  const auto* pixels = first->plane(0);
  first.reset();
  EXPECT_NE(pool.take()->plane(0), pixels);
}

TEST(Slate, is_dark_with_words_in_the_middle) {
  const libav::Picture slate = render_slate(640, 360, kAwayText);
  EXPECT_EQ(slate.width, 640);
  EXPECT_LE(slate.plane[0][0], yuv_of(kGroundRgb).y + 1);
  int bright = 0;
  for (int y = 120; y < 200; ++y)
    for (int x = 0; x < 640; ++x) bright += slate.plane[0][y * slate.stride[0] + x] > 200 ? 1 : 0;
  EXPECT_GT(bright, 300);
}

TEST(TestSource, its_picture_moves_and_its_sound_beeps_at_full_seconds) {
  const TestSource source(320, 180);
  CanvasBuffer a(320, 180);
  CanvasBuffer b(320, 180);
  source.draw(WallTime::millis(1'700'000'000'000), a);
  source.draw(WallTime::millis(1'700'000'000'500), b);
  EXPECT_NE(std::vector<uint8_t>(a.plane(0), a.plane(0) + 320 * 180),
            std::vector<uint8_t>(b.plane(0), b.plane(0) + 320 * 180));
  const auto power = [](WallTime at) {
    std::vector<float> out(1920);
    TestSource::sound(at, out);
    double sum = 0;
    for (float v : out) sum += static_cast<double>(v) * v;
    return sum;
  };
  EXPECT_GT(power(WallTime::millis(1'700'000'000'010)), 3 * power(WallTime::millis(1'700'000'000'300)));
  EXPECT_GT(power(WallTime::millis(1'700'000'000'300)), 0.5);
}

TEST(Mixer, limiter_is_transparent_when_quiet_and_bounded_when_loud) {
  EXPECT_EQ(soft_limit(0.5F), 0.5F);
  EXPECT_EQ(soft_limit(-0.8F), -0.8F);
  float before = 0.8F;
  for (float x = 0.81F; x < 8; x += 0.05F) {
    EXPECT_GE(soft_limit(x), before);
    EXPECT_LE(soft_limit(x), 1.0F);
    EXPECT_EQ(soft_limit(-x), -soft_limit(x));
    before = soft_limit(x);
  }
}

TEST(Mixer, gains_ramp_instead_of_clicking) {
  Mixer mixer;
  StageInput input{{.id = "t", .kind = "test", .on_stage = true}, nullptr};
  std::vector<float> block(1920);
  const WallTime wall = WallTime::millis(1'700'000'000'400);
  mixer.mix({input}, Timestamp(), wall, block);
  input.wish.gain_db = 20;
  mixer.mix({input}, Timestamp(), wall, block);
  const float early = std::abs(*std::max_element(block.begin(), block.begin() + 200));
  const float late = std::abs(*std::max_element(block.end() - 200, block.end()));
  EXPECT_GT(late, 3 * early);
  input.wish.muted = true;
  mixer.mix({input}, Timestamp(), wall, block);
  mixer.mix({input}, Timestamp(), wall, block);
  for (float v : block) EXPECT_EQ(v, 0);
}

}  // namespace
}  // namespace footlight::compose
