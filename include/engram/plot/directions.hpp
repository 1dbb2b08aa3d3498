#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>
#include <string>
#include <tuple>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/colormap.hpp>
#include <engram/plot/layout.hpp>
#include <engram/plot/write_figure.hpp>

namespace engram::plot {

struct DirectionsOptions {
  std::string title = {};
  Index arrows = 120;                                      ///< at most so many animals, spread evenly over the rows
  Tensor<double> visited = Tensor<double>::zeros({0, 2});  ///< further places [M, 2], as light dots: the whole arena
  Index width = 1200;                                      ///< of the figure in pixels, 150 of them to the inch
  Index height = 1200;
};

namespace detail {

/// An arrow from (x, y) in a direction, degrees from the right, clockwise.
inline void arrow(Canvas& canvas, double x, double y, double degrees, double length, double line, const Color& color) {
  const double angle = degrees * std::numbers::pi / 180;
  const double tip_x = x + length * std::cos(angle);
  const double tip_y = y + length * std::sin(angle);
  canvas.line(x, y, tip_x, tip_y, line, color);
  for (const double side : {-1.0, 1.0}) {
    const double back = angle + std::numbers::pi + side * 0.45;
    canvas.line(tip_x, tip_y, tip_x + 0.35 * length * std::cos(back), tip_y + 0.35 * length * std::sin(back), line,
                color);
  }
}

}  // namespace detail

/// Draws where animals were and which way they looked, as measured (black) and as predicted (coloured).
/// @param places     [N, 2], x to the right, y downwards, N >= 1, finite
/// @param truth      directions in degrees, 0 to the right, growing clockwise on screen: [N]
/// @param predicted  likewise
/// @throws ShapeError unless shapes are such, ArgumentError for numbers that are not finite
inline void directions(Canvas& canvas, const Tensor<double>& places, const Tensor<double>& truth,
                       const Tensor<double>& predicted, const DirectionsOptions& options = {}) {
  const Index count = truth.size();
  ensure<ShapeError>(
      count >= 1 && places.shape() == Shape{count, 2} && truth.rank() == 1 && predicted.shape() == truth.shape(),
      "directions: need places [N, 2], truth [N] and predicted [N], got ", places.shape(), ", ", truth.shape(), " and ",
      predicted.shape());
  for (const Tensor<double>* numbers : {&places, &truth, &predicted, &options.visited}) {
    ensure<ArgumentError>(std::ranges::all_of(numbers->elements(), [](double v) { return std::isfinite(v); }),
                          "directions: need finite places and directions");
  }
  ensure<ShapeError>(options.visited.rank() == 2 && options.visited.dim(1) == 2,
                     "directions: need visited [M, 2], got ", options.visited.shape());
  ensure<ArgumentError>(options.arrows >= 1, "directions: need arrows >= 1, got ", options.arrows);
  const double unit = detail::figure_unit(canvas);
  const double margin = 26 * unit;
  const double top = margin + 84 * unit;
  const double arrow_length = 34 * unit;
  double low[2] = {places[0], places[1]};
  double high[2] = {places[0], places[1]};
  for (const Tensor<double>* all : {&places, &options.visited}) {
    for (Index i = 0; i < all->size(); ++i) {
      low[i % 2] = std::min(low[i % 2], (*all)[i]);
      high[i % 2] = std::max(high[i % 2], (*all)[i]);
    }
  }
  const double wide = canvas.width() - 2 * (margin + arrow_length);
  const double tall = canvas.height() - top - margin - 2 * arrow_length;
  const double scale = std::min(wide / std::max(high[0] - low[0], 1e-300), tall / std::max(high[1] - low[1], 1e-300));
  const Color found = category_color(5, 7);
  const auto x_of = [&](const Tensor<double>& at, Index i) {
    return canvas.width() / 2 + scale * (at[2 * i] - (low[0] + high[0]) / 2);
  };
  const auto y_of = [&](const Tensor<double>& at, Index i) {
    return top + arrow_length + tall / 2 + scale * (at[2 * i + 1] - (low[1] + high[1]) / 2);
  };
  for (Index i = 0; i < options.visited.dim(0); ++i) {
    canvas.disc(x_of(options.visited, i), y_of(options.visited, i), 3 * unit, unknown_color, 0.4);
  }
  const Index shown = std::min(options.arrows, count);
  for (Index s = 0; s < shown; ++s) {
    const Index i = s * count / shown;
    const double x = x_of(places, i);
    const double y = y_of(places, i);
    detail::arrow(canvas, x, y, truth[i], arrow_length, 4 * unit, black);
    detail::arrow(canvas, x, y, predicted[i], arrow_length, 2 * unit, found);
    canvas.disc(x, y, 4 * unit, black);
  }
  const auto title = detail::fitted(canvas, options.title, 24 * unit, canvas.width() - 2 * margin);
  canvas.text(margin, margin + 10 * unit, 24 * unit, title);
  double x = margin;
  for (const auto& [words, color, line] : {std::tuple{"measured", black, 4.0}, std::tuple{"predicted", found, 2.0}}) {
    detail::arrow(canvas, x, margin + 50 * unit, 0, arrow_length, line * unit, color);
    canvas.text(x + arrow_length + 10 * unit, margin + 50 * unit, 18 * unit, words);
    x += arrow_length + 40 * unit + canvas.text_width(18 * unit, words);
  }
}

/// Writes directions() as .png, .svg or .pdf; atomic, see io::AtomicFile.
/// @throws as directions; ArgumentError for another extension, IoError if the file cannot be written
inline void write_directions(const std::filesystem::path& path, const Tensor<double>& places,
                             const Tensor<double>& truth, const Tensor<double>& predicted,
                             const DirectionsOptions& options = {}) {
  write_figure(path, options.width, options.height,
               [&](Canvas& canvas) { directions(canvas, places, truth, predicted, options); });
}

}  // namespace engram::plot
