#include "compose/text_image.h"

#include <pango/pangocairo.h>

#include <algorithm>
#include <memory>
#include <string>

#include "compose/canvas.h"

namespace footlight::compose {
namespace {

struct Unref {
  void operator()(PangoLayout* p) const { g_object_unref(p); }
  void operator()(PangoFontDescription* p) const { pango_font_description_free(p); }
  void operator()(cairo_t* p) const { cairo_destroy(p); }
  void operator()(cairo_surface_t* p) const { cairo_surface_destroy(p); }
};
template <class T>
using Owned = std::unique_ptr<T, Unref>;

Owned<PangoLayout> lay_out(cairo_t* cairo, std::string_view text, int pixels, bool bold) {
  Owned<PangoLayout> layout(pango_cairo_create_layout(cairo));
  Owned<PangoFontDescription> font(pango_font_description_from_string("Inter, Noto Sans, sans-serif"));
  pango_font_description_set_absolute_size(font.get(), static_cast<double>(pixels) * PANGO_SCALE);
  pango_font_description_set_weight(font.get(), bold ? PANGO_WEIGHT_SEMIBOLD : PANGO_WEIGHT_NORMAL);
  pango_layout_set_font_description(layout.get(), font.get());
  pango_layout_set_alignment(layout.get(), PANGO_ALIGN_CENTER);
  pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
  return layout;
}

// Mixes one plane towards `value`; `shift` 1 averages the coverage of 2x2 pixels.
void blend(const TextImage& text, int x, int y, int shift, uint8_t value, uint8_t* plane, int stride, int width,
           int height) {
  const int step = 1 << shift;
  for (int row = 0; row + step <= text.height; row += step) {
    const int to_y = (y + row) >> shift;
    if (to_y < 0 || to_y >= height) continue;
    for (int column = 0; column + step <= text.width; column += step) {
      const int to_x = (x + column) >> shift;
      if (to_x < 0 || to_x >= width) continue;
      int cover = 0;
      for (int dy = 0; dy < step; ++dy)
        for (int dx = 0; dx < step; ++dx)
          cover += text.coverage[static_cast<size_t>((row + dy) * text.width + column + dx)];
      cover >>= 2 * shift;
      uint8_t& pixel = plane[to_y * stride + to_x];
      pixel = static_cast<uint8_t>(pixel + (value - pixel) * cover / 255);
    }
  }
}

}  // namespace

TextImage render_text(std::string_view text, int pixels, bool bold) {
  Owned<cairo_surface_t> probe(cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1));
  Owned<cairo_t> probe_cairo(cairo_create(probe.get()));
  int width = 0;
  int height = 0;
  pango_layout_get_pixel_size(lay_out(probe_cairo.get(), text, pixels, bold).get(), &width, &height);

  TextImage out{std::max(width, 2) + 1 & ~1, std::max(height, 2) + 1 & ~1, {}};
  Owned<cairo_surface_t> surface(cairo_image_surface_create(CAIRO_FORMAT_A8, out.width, out.height));
  Owned<cairo_t> cairo(cairo_create(surface.get()));
  pango_cairo_show_layout(cairo.get(), lay_out(cairo.get(), text, pixels, bold).get());
  cairo_surface_flush(surface.get());
  const uint8_t* rows = cairo_image_surface_get_data(surface.get());
  const int stride = cairo_image_surface_get_stride(surface.get());
  out.coverage.resize(static_cast<size_t>(out.width) * static_cast<size_t>(out.height));
  if (!rows) return out;  // Cairo without memory: an empty text
  for (int y = 0; y < out.height; ++y)
    std::copy_n(rows + y * stride, out.width, out.coverage.begin() + static_cast<ptrdiff_t>(y) * out.width);
  return out;
}

void blit_text(const TextImage& text, int x, int y, Yuv colour, CanvasBuffer& canvas) {
  x &= ~1;
  y &= ~1;
  blend(text, x, y, 0, colour.y, canvas.plane(0), canvas.stride(0), canvas.width(), canvas.height());
  blend(text, x, y, 1, colour.u, canvas.plane(1), canvas.stride(1), canvas.width() / 2, canvas.height() / 2);
  blend(text, x, y, 1, colour.v, canvas.plane(2), canvas.stride(2), canvas.width() / 2, canvas.height() / 2);
}

}  // namespace footlight::compose
