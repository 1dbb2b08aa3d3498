#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/plot/colormap.hpp>

namespace engram::plot {

/// A colour for each category (category_color), in the order of the labels' values.
struct CategoricalColors {
  Tensor<double> labels;                ///< [N], NaN where unknown
  std::vector<std::string> names = {};  ///< of the labels 0, 1, ...; empty: the labels themselves are the names
  std::string title = {};               ///< of the legend
};

/// From dark to light by amount (sequential_color), between the least and the largest value.
struct ContinuousColors {
  Tensor<double> values;  ///< [N], NaN where unknown
  std::string title = {};
};

/// A hue for each direction (cyclic_color).
struct CircularColors {
  Tensor<double> values;                 ///< [N], NaN where unknown; of any number of turns
  double period = 2 * std::numbers::pi;  ///< one turn in the values' unit
  std::string title = {};
  bool clockwise = false;  ///< which way the wheel that explains the colours goes; true: as angles in images, y down
};

/// What decides the colours of points; nothing: all have one.
using PointColors = std::variant<std::monostate, CategoricalColors, ContinuousColors, CircularColors>;

/// One line of a legend.
struct LegendEntry {
  std::string name;
  Color color;
};
struct ColorBar {
  double low;
  double high;
};
struct ColorWheel {
  double period;
  bool clockwise;
};

/// Points' colours, and what a legend needs to explain them.
struct Coloring {
  std::vector<Color> colors;                                                         ///< one per point
  std::variant<std::monostate, std::vector<LegendEntry>, ColorBar, ColorWheel> key;  ///< none: nothing to explain
  std::string title;
  std::vector<bool> unknown;  ///< one per point
  bool has_unknown = false;
};

namespace detail {

/// Colours of the known values by color(value), and the colour of unknown ones.
template <class ColorOf>
void color_each(const Tensor<double>& values, Coloring& out, ColorOf color_of) {
  for (Index i = 0; i < values.size(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    out.unknown[at] = std::isnan(values[i]);
    out.has_unknown = out.has_unknown || out.unknown[at];
    out.colors[at] = out.unknown[at] ? unknown_color : color_of(values[i]);
  }
}

inline std::vector<double> known_values(const Tensor<double>& values, Index points) {
  ensure<ShapeError>(values.shape() == Shape{points}, "point_colors: need a value for each of the ", points,
                     " points, got ", values.shape());
  std::vector<double> known;
  for (Index i = 0; i < points; ++i) {
    ensure<ArgumentError>(!std::isinf(values[i]), "point_colors: need finite values, or NaN where unknown, got ",
                          values[i], " for point ", i);
    if (!std::isnan(values[i])) {
      known.push_back(values[i]);
    }
  }
  return known;
}

inline void set_colors(const std::monostate&, Coloring& out) {
  std::ranges::fill(out.colors, category_color(0, 1));
}

inline void set_colors(const CategoricalColors& by, Coloring& out) {
  std::vector<double> labels = known_values(by.labels, std::ssize(out.colors));
  std::ranges::sort(labels);
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  std::vector<LegendEntry> entries;
  for (const double label : labels) {
    const bool named = label >= 0 && label < static_cast<double>(by.names.size()) && std::trunc(label) == label;
    ensure<ArgumentError>(named || by.names.empty(), "point_colors: need labels from 0 to ", by.names.size(),
                          " - 1, one for each name, got ", label);
    entries.push_back({by.names.empty() ? text(label) : by.names[static_cast<std::size_t>(label)],
                       category_color(std::ssize(entries), std::ssize(labels))});
  }
  color_each(by.labels, out, [&](double label) {
    return entries[static_cast<std::size_t>(std::ranges::lower_bound(labels, label) - labels.begin())].color;
  });
  out.key = std::move(entries);
}

inline void set_colors(const ContinuousColors& by, Coloring& out) {
  const std::vector<double> known = known_values(by.values, std::ssize(out.colors));
  if (known.empty()) {
    color_each(by.values, out, [](double) { return unknown_color; });
    return;
  }
  const double low = *std::ranges::min_element(known);
  const double high = *std::ranges::max_element(known);
  color_each(by.values, out, [low, high](double value) {
    return sequential_color(high > low ? (value / 2 - low / 2) / (high / 2 - low / 2) : 0.5);
  });
  out.key = ColorBar{low, high};
}

inline void set_colors(const CircularColors& by, Coloring& out) {
  ensure<ArgumentError>(by.period > 0 && std::isfinite(by.period), "point_colors: need a period > 0, got ", by.period);
  known_values(by.values, std::ssize(out.colors));
  color_each(by.values, out, [&](double value) { return cyclic_color(std::remainder(value, by.period) / by.period); });
  out.key = ColorWheel{by.period, by.clockwise};
}

inline std::string title_of(const std::monostate&) {
  return {};
}
template <class By>
std::string title_of(const By& by) {
  return by.title;
}

}  // namespace detail

/// Colours for that many points.
/// @throws ShapeError unless there is one value per point; ArgumentError if a value is infinite, has no name where
/// there are names, or the period is not positive
inline Coloring point_colors(const PointColors& by, Index points) {
  Coloring out;
  out.colors.resize(static_cast<std::size_t>(points));
  out.unknown.resize(static_cast<std::size_t>(points));
  std::visit(
      [&](const auto& kind) {
        detail::set_colors(kind, out);
        out.title = detail::title_of(kind);
      },
      by);
  return out;
}

}  // namespace engram::plot
