#pragma once

#include <cmath>
#include <cstdint>

#include <engram/plot/canvas.hpp>

namespace engram::plot {

/// The scale at which an image of so many pixels fits into `room`: a whole number, so that its pixels stay equal
/// squares, or less than 1.
inline double pixel_scale(double room, Index pixels) {
  const double fitting = room / static_cast<double>(pixels);
  return fitting < 1 ? fitting : std::floor(fitting);
}

/// Draws a small image with its upper left corner at (x, y), framed by a thin grey line.
///
/// It gets as many pixels as the figure has: whoever enlarges the figure need not know that they are to stay squares.
/// @param scale  pixels of the figure to one of the image: a whole number, or less than 1
/// @param level  colour 0xRRGGBB of the image's pixel (row, column)
template <class Level>
void draw_pixels(Canvas& canvas, double x, double y, Index high, Index wide, double scale, Level level) {
  const Index each = scale < 1 ? 1 : static_cast<Index>(scale);
  cairo_surface_t* image =
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(wide * each), static_cast<int>(high * each));
  if (unsigned char* to = cairo_image_surface_get_data(image)) {
    for (Index row = 0; row < high * each; ++row) {
      auto* line = reinterpret_cast<std::uint32_t*>(to + row * cairo_image_surface_get_stride(image));
      for (Index column = 0; column < wide * each; ++column) {
        line[column] = level(row / each, column / each);
      }
    }
    cairo_surface_mark_dirty(image);
  }
  cairo_save(canvas.cairo());
  cairo_translate(canvas.cairo(), x, y);
  if (scale < 1) {
    cairo_scale(canvas.cairo(), scale, scale);
  }
  cairo_set_source_surface(canvas.cairo(), image, 0, 0);  // a failed surface fails the canvas, see Canvas::finish()
  cairo_surface_destroy(image);
  cairo_pattern_set_filter(cairo_get_source(canvas.cairo()), scale < 1 ? CAIRO_FILTER_GOOD : CAIRO_FILTER_NEAREST);
  cairo_paint(canvas.cairo());
  cairo_restore(canvas.cairo());
  canvas.frame(x - 0.5, y - 0.5, scale * static_cast<double>(wide) + 1, scale * static_cast<double>(high) + 1, 1,
               color(0xB0B0B0));
}

}  // namespace engram::plot
