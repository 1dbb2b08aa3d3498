#pragma once

#include <concepts>

#include <engram/analysis/neighbor_ranks.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/exact.hpp>
#include <engram/embed/neighbors/metric.hpp>

namespace engram::analysis {

/// How far neighbours in an embedding are neighbours in the data too, from 0 to 1:
/// T = 1 - 2 / (N K (2 N - 3 K - 1)) sum of max(0, r(i, j) - K) over all rows i and their K nearest rows j in the
/// embedding, where j is the r-th nearest of i in the data (equally near ones by index).
///
/// scikit-learn's definition. N^2 D steps, in double for floats of magnitudes far apart (as nn_descent); memory for a
/// few rows of distances.
/// @param x            data [N, D]
/// @param x_embedded   their embedding [N, d], compared by euclidean distance
/// @param n_neighbors  K, at least 1 and less than N / 2
/// @param metric       of the data
/// @throws ShapeError unless both have N rows; ArgumentError for other K or entries that are not finite
/// Source: Venna, Kaski, "Neighborhood preservation in nonlinear projection methods", ICANN 2001.
template <std::floating_point T, std::floating_point U>
double trustworthiness(const Tensor<T>& x, const Tensor<U>& x_embedded, Index n_neighbors = 5,
                       embed::Metric metric = embed::Metric::euclidean) {
  detail::check_map("trustworthiness", x, x_embedded);
  detail::check_rank_neighbors("trustworthiness", n_neighbors, x.dim(0));
  return detail::rank_score(x, metric, embed::exact_neighbors(x_embedded, n_neighbors + 1).indices);
}

}  // namespace engram::analysis
