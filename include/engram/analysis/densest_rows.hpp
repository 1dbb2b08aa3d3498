#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>
#include <engram/embed/neighbors/exact.hpp>

namespace engram::analysis {

/// The rows in the densest regions: the share of all whose n_neighbors-th nearest row is nearest (euclidean; of equally
/// dense ones the first). Taken before farthest_landmarks(), which chooses stray rows first.
///
/// A larger n_neighbors smooths the density more. N^2 D / 2 steps.
/// @param x            [N, D]
/// @param share        of the rows to keep, above 0 and at most 1; round(share N) rows, at least one
/// @param n_neighbors  1 .. N - 1
/// @returns            rows in increasing order [M]
/// @throws ShapeError unless x has two axes; ArgumentError for other shares or n_neighbors or entries that are not
/// finite
/// Source: Carlsson, Ishkhanov, de Silva, Zomorodian, "On the local behavior of spaces of natural images",
/// International Journal of Computer Vision 76, 2008.
template <std::floating_point T>
Tensor<std::int64_t> densest_rows(const Tensor<T>& x, double share, Index n_neighbors = 15) {
  embed::check_rows("densest_rows", "x", x);
  const Index n = x.dim(0);
  ensure<ArgumentError>(share > 0 && share <= 1, "densest_rows: need a share above 0 and at most 1, got ", share);
  ensure<ArgumentError>(n_neighbors >= 1 && n_neighbors < n, "densest_rows: need 1 <= n_neighbors < N for N = ", n,
                        ", got ", n_neighbors);
  const auto distances = embed::exact_neighbors(x, n_neighbors + 1).distances;
  std::vector<std::int64_t> rows(static_cast<std::size_t>(n));
  std::iota(rows.begin(), rows.end(), std::int64_t{0});
  const auto radius = [&](std::int64_t row) { return distances[row * (n_neighbors + 1) + n_neighbors]; };
  std::stable_sort(rows.begin(), rows.end(), [&](std::int64_t a, std::int64_t b) { return radius(a) < radius(b); });
  rows.resize(static_cast<std::size_t>(std::max<Index>(1, std::lround(share * static_cast<double>(n)))));
  std::sort(rows.begin(), rows.end());
  return Tensor<std::int64_t>::from({std::ssize(rows)}, rows);
}

}  // namespace engram::analysis
