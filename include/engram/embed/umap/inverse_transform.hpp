#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/exact.hpp>
#include <engram/embed/umap/curve.hpp>

namespace engram::embed {

struct InverseTransformOptions {
  Curve curve;             ///< of the map
  Index n_neighbors = 15;  ///< fitted points that a point's row is made of; all of them at most
};

namespace detail {

/// |x - y| of rows of a map, in double: the square of no float is too large for it.
inline double map_distance(const float* x, const float* y, Index dimensions) {
  double sum = 0;
  for (Index c = 0; c < dimensions; ++c) {
    const double difference = static_cast<double>(x[c]) - static_cast<double>(y[c]);
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

/// Turns distances, in ascending order, into shares that sum to 1: those of inverse_transform().
inline void shares_of_distances(std::vector<double>& distances, const Curve& curve) {
  const std::size_t count = distances.size();
  const double reach = std::max(distances.back(), std::numeric_limits<double>::min());
  const double unit = std::max(distances[(count - 1) / 3], std::numeric_limits<double>::min());
  double total = 0;
  for (double& d : distances) {
    const double left = std::max(0.0, 1 - (d / reach) * (d / reach));
    d = left / (1 + curve.a * std::pow(d / unit, 2 * curve.b));
    total += d;
  }
  for (double& d : distances) {
    d = total > 0 ? d / total : 1 / static_cast<double>(count);
  }
}

}  // namespace detail

/// Rows of data that points of a map stand for: each the mean of its nearest fitted points' rows, with weights
///
///   (1 - (d / D)^2) / (1 + a (d / u)^(2 b))
///
/// of the distance d in the map: UMAP's curve in units of u, the distance of the nearest third, times a factor that
/// lets a neighbour's share fall to 0 before another takes its place, D being the distance of the first that is left
/// out. So the rows change continuously along a path through the map, do not depend on the map's unit of length, and
/// lie within the fitted rows, also those of points far away. A point's row has the same bits whatever other points are
/// in the call.
///
/// The means are not moved any further: on the digits of scikit-learn umap-learn's sampled descent, and a descent of
/// the exact cross entropy as well, ended further from the true rows than they had started.
///
/// @param points     [M, d]
/// @param embedding  the fitted points in the map [N, d]
/// @param data       their rows [N, D], of finite numbers
/// @returns          [M, D]
/// @throws ShapeError if shapes do not fit together; ArgumentError if a point is not finite, N = 0, n_neighbors < 1 or
/// the curve is none
inline Tensor<float> inverse_transform(const Tensor<float>& points, const Tensor<float>& embedding,
                                       const Tensor<float>& data, const InverseTransformOptions& options) {
  ensure<ShapeError>(points.rank() == 2 && embedding.rank() == 2 && data.rank() == 2 &&
                         points.dim(1) == embedding.dim(1) && data.dim(0) == embedding.dim(0),
                     "inverse_transform: need points [M, d], their map [N, d] and its data [N, D], got ",
                     points.shape(), ", ", embedding.shape(), " and ", data.shape());
  ensure<ArgumentError>(options.n_neighbors >= 1, "inverse_transform: need n_neighbors >= 1, got ",
                        options.n_neighbors);
  ensure<ArgumentError>(options.curve.a > 0 && options.curve.b > 0, "inverse_transform: need a > 0 and b > 0, got ",
                        options.curve.a, " and ", options.curve.b);
  const Index k = std::min(options.n_neighbors, data.dim(0) - 1) + 1;  // and the first that is left out
  const Index columns = data.dim(1);
  const Index dimensions = points.dim(1);
  const Tensor<std::int32_t> nearest = exact_neighbors(points, embedding, k).indices;
  auto rows = Tensor<float>::uninitialized({points.dim(0), columns});
  parallel_ranges(points.dim(0), 16, [&](Index begin, Index end) {
    std::vector<double> shares(static_cast<std::size_t>(k));
    std::vector<double> row(static_cast<std::size_t>(columns));
    for (Index i = begin; i < end; ++i) {
      const std::int32_t* list = nearest.data() + i * k;
      for (Index j = 0; j < k; ++j) {
        shares[static_cast<std::size_t>(j)] =
            detail::map_distance(points.data() + i * dimensions, embedding.data() + list[j] * dimensions, dimensions);
      }
      detail::shares_of_distances(shares, options.curve);
      std::ranges::fill(row, 0.0);
      for (Index j = 0; j < k; ++j) {
        const float* from = data.data() + list[j] * columns;
        for (Index c = 0; c < columns; ++c) {
          row[static_cast<std::size_t>(c)] += shares[static_cast<std::size_t>(j)] * static_cast<double>(from[c]);
        }
      }
      std::ranges::transform(row, rows.data() + i * columns, [](double value) { return static_cast<float>(value); });
    }
  });
  return rows;
}

}  // namespace engram::embed
