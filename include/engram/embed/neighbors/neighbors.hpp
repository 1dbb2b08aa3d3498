#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>
#include <engram/embed/neighbors/exact.hpp>
#include <engram/embed/neighbors/lists.hpp>
#include <engram/embed/neighbors/metric.hpp>
#include <engram/embed/neighbors/nn_descent.hpp>

namespace engram::embed {

enum class NeighborMethod {
  automatic,   ///< the exact one unless the other is at least twice as fast, see chosen_method()
  exact,       ///< exact_neighbors()
  nn_descent,  ///< nn_descent(): approximate, for many rows
};

struct NeighborOptions {
  Metric metric = Metric::euclidean;
  NeighborMethod method = NeighborMethod::automatic;
  std::uint64_t seed = 0;  ///< of nn_descent
};

/// The method that nearest_neighbors takes for `k` neighbours of rows x columns.
///
/// The times of both grow as N^2 (0.45 + 0.0064 D) ns, twice that for manhattan, and as N (18 + 0.032 D) us max(1, k /
/// 15), measured on one core of an AVX-512 machine for N from 5,000 to 40,000, D from 2 to 784 and k from 5 to 100; on
/// others their ratio matters. So the exact method is left at about 65,000 rows of 16 columns, 28,000 of 200, 16,000
/// of 784 for k up to 15.
inline NeighborMethod chosen_method(Index rows, Index columns, Index k, const NeighborOptions& options = {}) {
  if (options.method != NeighborMethod::automatic) {
    return options.method;
  }
  const auto n = static_cast<double>(rows);
  const auto d = static_cast<double>(columns);
  const double exact = n * (0.45 + 0.0064 * d) * (options.metric == Metric::manhattan ? 2 : 1);
  const double descent = (18'000 + 32 * d) * std::max(1.0, static_cast<double>(k) / 15);
  return exact > 2 * descent ? NeighborMethod::nn_descent : NeighborMethod::exact;
}

/// The k nearest rows of x for each row of x, itself first (a 0), by the method that suits the size.
/// @param x  [N, D], finite
/// @returns  [N, k], nearest first
/// @throws ShapeError unless x has two axes; ArgumentError unless 1 <= k <= N < 2^31 and entries are finite
template <std::floating_point T>
NeighborLists<T> nearest_neighbors(const Tensor<T>& x, Index k, const NeighborOptions& options = {}) {
  check_rows("nearest_neighbors", "x", x);
  ensure<ArgumentError>(k >= 1 && k <= x.dim(0), "nearest_neighbors: need 1 <= k <= ", x.dim(0),
                        " (the rows of x), got ", k);
  if (chosen_method(x.dim(0), x.dim(1), k, options) == NeighborMethod::exact) {
    return exact_neighbors(x, k, options.metric);
  }
  return nn_descent(x, k, {.metric = options.metric, .seed = options.seed});
}

}  // namespace engram::embed
