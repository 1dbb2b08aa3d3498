#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <numbers>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/plot/callouts.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/layout.hpp>
#include <engram/plot/legend.hpp>
#include <engram/plot/map_bounds.hpp>
#include <engram/plot/point_colors.hpp>
#include <engram/plot/write_figure.hpp>

namespace engram::plot {

struct ScatterOptions {
  std::string title = {};
  std::string x_label = {};  ///< empty: none, but "axis 1 of D" if there are more than two
  std::string y_label = {};  ///< likewise
  Index width = 1200;        ///< of the figure in pixels, 150 of them to the inch; letters grow with the figure
  Index height = 1000;       ///< likewise
  std::optional<double> radius = {};     ///< of a point in pixels; none: so that many points do not become one blob
  std::optional<double> alpha = {};      ///< of a point, 0 .. 1; none: less for very many points
  Index vector_points = 10000;           ///< more points than this become pixels in .svg and .pdf too
  std::optional<MapBounds> bounds = {};  ///< what there is room for; none: the points. The same ones for all of a movie
  std::vector<Callout> callouts = {};    ///< images at the left, from top to bottom
  bool legend = true;                    ///< what the colours mean, at the right
};

namespace detail {

/// Places [N, 2] of the points in the box, one unit as long on both axes. Points of one dimension lie in a strip,
/// beside each other at random.
inline Tensor<double> places(const Tensor<float>& points, const MapBounds& bounds, const Box& box, double margin) {
  const Index dimensions = points.dim(1);
  const double wide = box.wide() - 2 * margin;
  const double high = box.high() - 2 * margin;
  const double x_length = bounds.right - bounds.left;
  const double y_length = bounds.top - bounds.bottom;
  double scale = x_length > 0 ? wide / x_length : 1;
  if (dimensions > 1 && y_length > 0) {
    scale = x_length > 0 ? std::min(scale, high / y_length) : high / y_length;
  }
  Rng rng(1);
  auto out = Tensor<double>::uninitialized({points.dim(0), 2});
  for (Index i = 0; i < points.dim(0); ++i) {
    const double up = dimensions > 1
                          ? scale * (static_cast<double>(points[i * dimensions + 1]) - bounds.bottom - y_length / 2)
                          : rng.uniform(-0.15, 0.15) * high;
    out[2 * i] =
        (box.left + box.right) / 2 + scale * (static_cast<double>(points[i * dimensions]) - bounds.left - x_length / 2);
    out[2 * i + 1] = (box.top + box.bottom) / 2 - up;
  }
  return out;
}

/// The radius at which the points would cover three fifths of the region that they lie in: of the squares of 16 units,
/// those with a point in them. It is not so small that few points, all of them in one place, would be hard to see.
inline double fitting_radius(const Tensor<double>& at, const Box& box, double unit) {
  const double side = 16 * unit;
  std::unordered_set<std::int64_t> squares;
  for (Index i = 0; i < at.dim(0); ++i) {
    squares.insert(static_cast<std::int64_t>(at[2 * i] / side) << 32 | static_cast<std::int64_t>(at[2 * i + 1] / side));
  }
  const double discs = std::numbers::pi * static_cast<double>(at.dim(0));
  const double fitting = std::sqrt(0.6 * static_cast<double>(squares.size()) * side * side / discs);
  const double visible = std::clamp(std::sqrt(0.02 * box.wide() * box.high() / discs), 0.9 * unit, 4 * unit);
  return std::max(fitting, visible);
}

/// Points in random order, so that no category hides another; unknown ones lowest.
inline void draw_points(Canvas& canvas, const Tensor<double>& at, const Coloring& coloring, double radius,
                        double alpha) {
  const std::vector<Index> order = Rng(0).permutation(at.dim(0));
  for (const bool unknown : {true, false}) {
    for (const Index i : order) {
      const auto point = static_cast<std::size_t>(i);
      if (coloring.unknown[point] == unknown) {
        canvas.disc(at[2 * i], at[2 * i + 1], radius, coloring.colors[point], alpha);
      }
    }
  }
}

/// The words along the two axes.
inline std::pair<std::string, std::string> axis_labels(const ScatterOptions& options, Index dimensions) {
  const auto label = [dimensions](const std::string& given, int axis) {
    return given.empty() && dimensions > 2 ? engram::text("axis ", axis, " of ", dimensions) : given;
  };
  return {label(options.x_label, 1), label(options.y_label, 2)};
}

}  // namespace detail

/// Draws a map of points, one unit as long on both axes, with a legend at its right that explains the colours.
/// @param points  [N, D] with N >= 1; the first two of their dimensions are shown, and one alone as a strip
/// @throws ShapeError or ArgumentError if points or colours do not fit, are not finite or there are none, or the canvas
/// is too narrow for the words
inline void scatter(Canvas& canvas, const Tensor<float>& points, const PointColors& by = {},
                    const ScatterOptions& options = {}) {
  detail::check_points(points);
  const Index count = points.dim(0);
  const Coloring coloring = point_colors(by, count);
  const double unit = detail::figure_unit(canvas);
  const double margin = 26 * unit;
  const auto [x_label, y_label] = detail::axis_labels(options, points.dim(1));
  detail::Box box{.left = margin + (y_label.empty() ? 0 : 30 * unit),
                  .top = margin + (options.title.empty() ? 0 : 42 * unit),
                  .right = canvas.width() - margin,
                  .bottom = canvas.height() - margin - (x_label.empty() ? 0 : 30 * unit)};
  const detail::CalloutColumn callouts(options.callouts, count, unit, box.high());
  const double images_left = box.left;
  box.left += callouts.width() > 0 ? callouts.width() + 24 * unit : 0;
  const Legend legend(canvas, coloring, unit, box.high());
  box.right -= options.legend && legend.width() > 0 ? legend.width() + 24 * unit : 0;
  ensure<ArgumentError>(box.wide() > 60 * unit && box.high() > 60 * unit,
                        "scatter: need a larger figure to have room for points beside its words, got ", canvas.width(),
                        " x ", canvas.height());

  const auto words = [&](const std::string& given, double size, double most) {
    return detail::fitted(canvas, given, size, most);
  };
  const double middle = (box.left + box.right) / 2;
  canvas.text(margin, margin + 10 * unit, 24 * unit, words(options.title, 24 * unit, canvas.width() - 2 * margin));
  canvas.text(middle, box.bottom + 24 * unit, 18 * unit, words(x_label, 18 * unit, box.wide()), Align::centre);
  canvas.upward_text(margin + 6 * unit, (box.top + box.bottom) / 2, 18 * unit, words(y_label, 18 * unit, box.high()));
  if (options.legend) {
    legend.draw(canvas, box.right + 24 * unit, box.top);
  }

  const MapBounds bounds = options.bounds ? *options.bounds : bounds_of(points);
  const Tensor<double> at = detail::places(points, bounds, box, 20 * unit);
  const double radius = options.radius.value_or(detail::fitting_radius(at, box, unit));
  const double alpha = options.alpha.value_or(0.8 * std::min(1.0, std::pow(20000 / static_cast<double>(count), 0.25)));
  ensure<ArgumentError>(radius > 0 && alpha >= 0 && alpha <= 1, "scatter: need radius > 0 and 0 <= alpha <= 1, got ",
                        radius, " and ", alpha);
  const auto draw = [&] { detail::draw_points(canvas, at, coloring, radius, alpha); };
  if (canvas.format() == FigureFormat::png || count <= options.vector_points) {
    draw();
  } else {
    canvas.as_image(box.left, box.top, box.wide(), box.high(), draw);
  }
  canvas.frame(box.left, box.top, box.wide(), box.high(), unit, color(0x808080));
  callouts.draw(canvas, images_left, box.top, box.high(), at);
}

/// Writes a map of points as .png, .svg or .pdf, see scatter(); atomic, see io::AtomicFile.
/// @throws as scatter; ArgumentError for another extension, IoError if the file cannot be written
inline void write_scatter(const std::filesystem::path& path, const Tensor<float>& points, const PointColors& by = {},
                          const ScatterOptions& options = {}) {
  write_figure(path, options.width, options.height, [&](Canvas& canvas) { scatter(canvas, points, by, options); });
}

}  // namespace engram::plot
