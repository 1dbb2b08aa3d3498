#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>
#include <engram/embed/neighbors/exact.hpp>

namespace engram::analysis {

namespace detail {

/// For each row of neighbors [Q, n] the mean of those rows of targets [N, K]: [Q, K].
template <class T>
Tensor<T> neighbor_means(const Tensor<std::int32_t>& neighbors, const Tensor<T>& targets) {
  const Index near = neighbors.dim(1);
  const Index columns = targets.dim(1);
  auto means = Tensor<T>::uninitialized({neighbors.dim(0), columns});
  std::vector<double> sums(static_cast<std::size_t>(columns));
  for (Index i = 0; i < neighbors.dim(0); ++i) {
    std::ranges::fill(sums, 0.0);
    for (Index c = 0; c < near; ++c) {
      const T* from = targets.data() + neighbors[i * near + c] * columns;
      std::transform(sums.begin(), sums.end(), from, sums.begin(),
                     [](double sum, T target) { return sum + static_cast<double>(target); });
    }
    std::ranges::transform(sums, means.data() + i * columns,
                           [near](double sum) { return static_cast<T>(sum / static_cast<double>(near)); });
  }
  return means;
}

}  // namespace detail

/// Predicts numbers at new points as the mean over their n_neighbors nearest known points (euclidean; equally near ones
/// by index). scikit-learn's KNeighborsRegressor with uniform weights.
/// @param points       known points [N, D]
/// @param targets      what is known at them [N, K]
/// @param queries      new points [Q, D]; Q may be 0
/// @param n_neighbors  1 .. N
/// @returns            predictions [Q, K]
/// @throws ShapeError unless there is a row of targets for each point and queries have their columns; ArgumentError for
/// other n_neighbors or entries that are not finite
template <std::floating_point T, std::floating_point U>
Tensor<U> neighbor_regression(const Tensor<T>& points, const Tensor<U>& targets, const Tensor<T>& queries,
                              Index n_neighbors = 5) {
  ensure<ShapeError>(points.rank() == 2 && targets.rank() == 2 && targets.dim(0) == points.dim(0),
                     "neighbor_regression: need points [N, D] and targets [N, K], got ", points.shape(), " and ",
                     targets.shape());
  embed::check_rows("neighbor_regression", "points", points);
  embed::check_rows("neighbor_regression", "targets", targets);
  ensure<ShapeError>(queries.rank() == 2 && queries.dim(1) == points.dim(1), "neighbor_regression: need queries [Q, ",
                     points.dim(1), "], got ", queries.shape());
  if (queries.dim(0) > 0) {
    embed::check_rows("neighbor_regression", "queries", queries);
  }
  ensure<ArgumentError>(n_neighbors >= 1 && n_neighbors <= points.dim(0),
                        "neighbor_regression: need 1 <= n_neighbors <= ", points.dim(0), " (the points), got ",
                        n_neighbors);
  return detail::neighbor_means(embed::exact_neighbors(queries, points, n_neighbors).indices, targets);
}

}  // namespace engram::analysis
