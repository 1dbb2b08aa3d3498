#pragma once

#include <string>
#include <utility>
#include <vector>

#include <engram/plot/axes.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/colormap.hpp>
#include <engram/plot/layout.hpp>
#include <engram/plot/line_key.hpp>

namespace engram::plot {

/// A dashed grey line at one number, over the whole figure.
struct ReferenceLine {
  enum class Direction { horizontal, vertical };
  Direction direction = Direction::horizontal;
  double at = 0;           ///< y of a horizontal line, x of a vertical one
  std::string words = {};  ///< beside it
};

namespace detail {

/// The line, and a place for its words that is as free as possible.
inline void draw_reference(Canvas& canvas, const Axes& axes, const ReferenceLine& line, Occupied& occupied,
                           std::vector<std::pair<Box, std::string>>& words) {
  const double unit = axes.unit();
  const Box& box = axes.box();
  const bool vertical = line.direction == ReferenceLine::Direction::vertical;
  const double at = vertical ? axes.at_x(line.at) : axes.at_y(line.at);
  const Box ends = vertical ? Box{at, box.top, at, box.bottom} : Box{box.left, at, box.right, at};
  set_stroke(canvas, {color(0x606060), true}, 1.5 * unit, unit);
  cairo_move_to(canvas.cairo(), ends.left, ends.top);
  cairo_line_to(canvas.cairo(), ends.right, ends.bottom);
  cairo_stroke(canvas.cairo());
  cairo_set_dash(canvas.cairo(), nullptr, 0, 0);
  occupied.add_line(ends.left, ends.top, ends.right, ends.bottom);
  if (line.words.empty()) {
    return;
  }
  const std::string shown = fitted(canvas, line.words, 16 * unit, box.wide() - 20 * unit);
  const double wide = canvas.text_width(16 * unit, shown) + 8 * unit;
  const double high = 22 * unit;
  std::vector<Box> places;
  for (const double along : {0.98, 0.02, 0.5, 0.75, 0.25}) {
    for (const bool before : {false, true}) {
      const double x =
          vertical ? (before ? at - wide - 2 * unit : at + 2 * unit) : box.left + along * (box.wide() - wide);
      const double y =
          vertical ? box.bottom - high - along * (box.high() - high) : (before ? at + 2 * unit : at - high - 2 * unit);
      if (x >= box.left && x + wide <= box.right && y >= box.top && y + high <= box.bottom) {
        places.push_back({x, y, x + wide, y + high});
      }
    }
  }
  if (!places.empty()) {
    const Box place = occupied.freest(places).first;
    words.emplace_back(place, shown);
    occupied.add_box(place);
  }
}

}  // namespace detail

}  // namespace engram::plot
