#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/plot/axes.hpp>
#include <engram/plot/reference_line.hpp>

namespace engram::plot {

/// One line y(x). Its points are joined in the order given; where y is NaN there is a gap.
struct Curve {
  std::string name;                                  ///< empty: not in the legend
  Tensor<double> x;                                  ///< [N]
  Tensor<double> y;                                  ///< [N], NaN where unknown
  Tensor<double> low = Tensor<double>::zeros({0});   ///< [N], the lower end of a band around the line; empty: none
  Tensor<double> high = Tensor<double>::zeros({0});  ///< [N], its upper end; NaN, either of them: a gap
  std::optional<Index> color = {};                   ///< of category_color; none: the place among the curves
  bool dashed = false;                               ///< for a second line of the same colour
};

enum class LegendPlace {
  automatic,  ///< within the frame if some corner or side of it is free of lines, else at the right
  right,      ///< at the right of the frame
  none,
};

struct CurvesOptions {
  std::string title = {};
  std::string x_label = {};
  std::string y_label = {};
  bool log_x = false;
  bool log_y = false;
  std::vector<double> y_includes = {};  ///< numbers that the y axis has to reach, such as 0 and 1 for shares
  std::vector<ReferenceLine> references = {};
  LegendPlace legend = LegendPlace::automatic;
  Index width = 1200;  ///< of the figure in pixels, 150 of them to the inch; letters grow with the figure
  Index height = 800;  ///< likewise
};

namespace detail {

/// Widens a range by numbers of one kind; NaN are passed over.
class RangeOf {
 public:
  RangeOf(std::string what, bool logarithmic) : what_(std::move(what)), range_{1, 0, logarithmic} {}

  void add(double value, const std::string& of) {
    if (std::isnan(value)) {
      return;
    }
    ensure<ArgumentError>(std::abs(value) <= 1e300, "curves: need |", what_, "| <= 1e300, got ", value, " in ", of);
    ensure<ArgumentError>(!range_.logarithmic || value > 0, "curves: need ", what_, " > 0 on a logarithmic axis, got ",
                          value, " in ", of);
    const bool first = range_.low > range_.high;
    range_.low = first ? value : std::min(range_.low, value);
    range_.high = first ? value : std::max(range_.high, value);
  }
  const AxisRange& get() const {
    ensure<ArgumentError>(range_.low <= range_.high, "curves: need a number to draw, got none but NaN");
    return range_;
  }

 private:
  std::string what_;
  AxisRange range_;
};

inline std::string quoted(const Curve& curve) {
  return engram::text("curve '", curve.name, "'");
}

inline void check_curve(const Curve& c) {
  ensure<ShapeError>(c.x.rank() == 1 && c.x.size() >= 1 && c.y.shape() == c.x.shape(),
                     "curves: need x [N] and y [N] with N >= 1, got ", c.x.shape(), " and ", c.y.shape(), " in ",
                     quoted(c));
  const bool none = c.low.size() == 0 && c.high.size() == 0;
  ensure<ShapeError>(none || (c.low.shape() == c.x.shape() && c.high.shape() == c.x.shape()),
                     "curves: need low [N] and high [N], or neither, with N = ", c.x.size(), ", got ", c.low.shape(),
                     " and ", c.high.shape(), " in ", quoted(c));
  ensure<ArgumentError>(std::ranges::none_of(c.x.elements(), [](double x) { return std::isnan(x); }),
                        "curves: need x without NaN, got one in ", quoted(c));
}

/// Ranges of x and y of everything that is drawn.
inline std::pair<AxisRange, AxisRange> curve_ranges(const std::vector<Curve>& curves, const CurvesOptions& options) {
  RangeOf x("x", options.log_x);
  RangeOf y("y", options.log_y);
  ensure<ArgumentError>(!curves.empty(), "curves: need at least one curve");
  for (const Curve& c : curves) {
    check_curve(c);
    for (Index i = 0; i < c.x.size(); ++i) {
      x.add(c.x[i], quoted(c));
      y.add(c.y[i], quoted(c));
    }
    for (Index i = 0; i < c.low.size(); ++i) {
      if (!options.log_y || !(c.low[i] <= 0)) {  // of such a band no lower end is seen
        y.add(c.low[i], quoted(c));
      }
      y.add(c.high[i], quoted(c));
    }
  }
  for (const double value : options.y_includes) {
    y.add(value, "y_includes");
  }
  for (const ReferenceLine& line : options.references) {
    ensure<ArgumentError>(!std::isnan(line.at), "curves: need a place of the reference line '", line.words,
                          "', got NaN");
    (line.direction == ReferenceLine::Direction::vertical ? x : y).add(line.at, "a reference line");
  }
  return {x.get(), y.get()};
}

}  // namespace detail

}  // namespace engram::plot
