#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <vector>

#include <engram/analysis/neighbor_ranks.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/exact.hpp>
#include <engram/embed/neighbors/metric.hpp>

namespace engram::analysis {

/// The share of each row's K nearest rows in the data that are among its K nearest in the embedding, mean over the
/// rows: 1 where all are kept, K / (N - 1) expected where the embedding has nothing to do with the data. Symmetric in
/// both. Of equally near rows those of lower index count as nearer.
/// @param x            data [N, D]
/// @param x_embedded   their embedding [N, d], compared by euclidean distance
/// @param n_neighbors  K, 1 .. N - 1
/// @param metric       of the data
/// @throws ShapeError unless both have N rows; ArgumentError for other K or entries that are not finite
/// Source: Lee, Verleysen, "Quality assessment of dimensionality reduction: rank-based criteria", Neurocomputing 72,
/// 2009 (Q_NX).
template <std::floating_point T, std::floating_point U>
double neighborhood_preservation(const Tensor<T>& x, const Tensor<U>& x_embedded, Index n_neighbors = 15,
                                 embed::Metric metric = embed::Metric::euclidean) {
  detail::check_map("neighborhood_preservation", x, x_embedded);
  const Index n = x.dim(0);
  ensure<ArgumentError>(n_neighbors >= 1 && n_neighbors < n,
                        "neighborhood_preservation: need 1 <= n_neighbors < N for N = ", n, ", got ", n_neighbors);
  auto in_data = embed::exact_neighbors(x, n_neighbors + 1, metric).indices;
  auto in_map = embed::exact_neighbors(x_embedded, n_neighbors + 1).indices;
  std::vector<std::int32_t> common;
  for (Index i = 0; i < n; ++i) {
    std::int32_t* a = in_data.data() + i * (n_neighbors + 1) + 1;  // after the row itself
    std::int32_t* b = in_map.data() + i * (n_neighbors + 1) + 1;
    std::sort(a, a + n_neighbors);
    std::sort(b, b + n_neighbors);
    std::set_intersection(a, a + n_neighbors, b, b + n_neighbors, std::back_inserter(common));
  }
  return static_cast<double>(common.size()) / static_cast<double>(n * n_neighbors);
}

}  // namespace engram::analysis
