#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <utility>

#include <engram/core/shape.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/colormap.hpp>

namespace engram::plot::detail {

/// The largest of what a diagram has to show.
struct SlabScale {
  Index channels = 1;
  Index extent = 1;
  Index numbers = 2;
};

/// A block seen from the front and a little from above and from the right, in pixels.
struct Slab {
  double thick;  ///< of the front, to the right
  double tall;   ///< of the front
  double deep;   ///< how far the back is shifted, to the right and upwards

  double wide() const { return thick + deep; }
  double high() const { return tall + deep; }
};

/// Feature maps [C, H, W] or numbers [F] as a block.
inline Slab slab(const Shape& shape, const SlabScale& scale) {
  constexpr double most_thick = 70;
  constexpr double most_tall = 150;
  constexpr double least = 5;
  constexpr double slant = 0.35;  // how long depth looks beside height
  const auto share = [](Index part, Index whole) { return static_cast<double>(part) / static_cast<double>(whole); };
  if (shape.rank() == 1) {
    const double grown =
        std::log2(1 + static_cast<double>(shape[0])) / std::log2(1 + static_cast<double>(scale.numbers));
    return {.thick = 12, .tall = std::max(least, most_tall * grown), .deep = 4};
  }
  return {.thick = std::max(least, most_thick * share(shape[0], scale.channels)),
          .tall = std::max(least, most_tall * share(shape[1], scale.extent)),
          .deep = std::max(slant * least, slant * most_tall * share(shape[2], scale.extent))};
}

/// @param left, bottom  the front's lower left corner
inline void draw_slab(Canvas& canvas, const Slab& s, double left, double bottom, const Color& color) {
  const auto face = [&](double light, std::initializer_list<std::pair<double, double>> corners) {
    const auto lit = [light](double v) { return light >= 1 ? v + (light - 1) * (1 - v) : light * v; };
    for (const auto& [x, y] : corners) {
      cairo_line_to(canvas.cairo(), left + x, bottom - y);
    }
    cairo_close_path(canvas.cairo());
    cairo_set_source_rgb(canvas.cairo(), lit(color.red), lit(color.green), lit(color.blue));
    cairo_fill_preserve(canvas.cairo());
    cairo_set_source_rgb(canvas.cairo(), 0.45 * color.red, 0.45 * color.green, 0.45 * color.blue);
    cairo_set_line_width(canvas.cairo(), 1.2);
    cairo_set_line_join(canvas.cairo(), CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(canvas.cairo());
  };
  const double right = s.thick;
  face(1, {{0, 0}, {right, 0}, {right, s.tall}, {0, s.tall}});
  face(1.45, {{0, s.tall}, {right, s.tall}, {right + s.deep, s.tall + s.deep}, {s.deep, s.tall + s.deep}});
  face(0.75, {{right, 0}, {right + s.deep, s.deep}, {right + s.deep, s.tall + s.deep}, {right, s.tall}});
}

}  // namespace engram::plot::detail
