#pragma once

#include <algorithm>
#include <cmath>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::plot {

/// Where the points of a map lie: the least and largest place on each of two axes.
struct MapBounds {
  double left;
  double right;
  double bottom;
  double top;
};

namespace detail {

inline void check_points(const Tensor<float>& points) {
  ensure<ShapeError>(points.rank() == 2 && points.dim(0) >= 1 && points.dim(1) >= 1,
                     "scatter: need points [N, D] with N, D >= 1, got ", points.shape());
  for (Index i = 0; i < points.size(); ++i) {
    ensure<ArgumentError>(std::isfinite(points[i]), "scatter: need finite points, got ", points[i], " in row ",
                          i / points.dim(1), ", column ", i % points.dim(1));
  }
}

}  // namespace detail

/// The bounds of points [N, D] on the first two of their axes.
/// @throws ShapeError or ArgumentError if there are none or some are not finite
inline MapBounds bounds_of(const Tensor<float>& points) {
  detail::check_points(points);
  const auto extent = [&](Index axis) {
    std::pair<double, double> ends(points[axis], points[axis]);
    for (Index i = axis; i < points.size(); i += points.dim(1)) {
      ends.first = std::min(ends.first, static_cast<double>(points[i]));
      ends.second = std::max(ends.second, static_cast<double>(points[i]));
    }
    return ends;
  };
  const auto [left, right] = extent(0);
  const auto [bottom, top] = extent(points.dim(1) > 1 ? 1 : 0);
  return {left, right, bottom, top};
}

/// What holds both.
inline MapBounds joined(const MapBounds& a, const MapBounds& b) {
  return {std::min(a.left, b.left), std::max(a.right, b.right), std::min(a.bottom, b.bottom), std::max(a.top, b.top)};
}

}  // namespace engram::plot
