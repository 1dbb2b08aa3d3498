#pragma once

#include <cstdint>

#include <engram/plot/canvas.hpp>

namespace engram::plot {

/// Draws a small image with its upper left corner at (x, y), framed by a thin grey line.
///
/// It gets as many pixels as the figure has: whoever enlarges the figure need not know that they are to stay squares.
/// @param scale  pixels of the figure to one of the image
/// @param level  colour 0xRRGGBB of the image's pixel (row, column)
template <class Level>
void draw_pixels(Canvas& canvas, double x, double y, Index high, Index wide, Index scale, Level level) {
  cairo_surface_t* image =
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(wide * scale), static_cast<int>(high * scale));
  if (unsigned char* to = cairo_image_surface_get_data(image)) {
    for (Index row = 0; row < high * scale; ++row) {
      auto* line = reinterpret_cast<std::uint32_t*>(to + row * cairo_image_surface_get_stride(image));
      for (Index column = 0; column < wide * scale; ++column) {
        line[column] = level(row / scale, column / scale);
      }
    }
    cairo_surface_mark_dirty(image);
  }
  cairo_set_source_surface(canvas.cairo(), image, x, y);  // a failed surface fails the canvas, see Canvas::finish()
  cairo_surface_destroy(image);
  cairo_pattern_set_filter(cairo_get_source(canvas.cairo()), CAIRO_FILTER_NEAREST);
  cairo_paint(canvas.cairo());
  canvas.frame(x - 0.5, y - 0.5, static_cast<double>(scale * wide) + 1, static_cast<double>(scale * high) + 1, 1,
               color(0xB0B0B0));
}

}  // namespace engram::plot
