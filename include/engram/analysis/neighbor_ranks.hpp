#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>
#include <engram/embed/neighbors/distance.hpp>
#include <engram/embed/neighbors/exact.hpp>
#include <engram/embed/neighbors/metric.hpp>
#include <engram/embed/neighbors/prepared_rows.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

// What trustworthiness() and continuity() share: the ranks that one space gives to the neighbours in another.

namespace engram::analysis::detail {

/// Distances of rows begin .. end-1 from all rows [end - begin, N], up to a monotone function; infinite from
/// themselves.
template <class T>
void distances_from(const embed::PreparedRows<T>& rows, Index begin, Index end, T* out) {
  const Index n = rows.count();
  constexpr Index block = 32;  // rows that stay in the cache while all of begin .. end meet them
  embed::with_inner_distance(rows.metric, [&](auto inner) {
    kernels::simd::with_widest([&] {
      for (Index first = 0; first < n; first += block) {
        for (Index i = begin; i < end; ++i) {
          for (Index j = first; j < std::min(n, first + block); ++j) {
            out[(i - begin) * n + j] = inner(rows.row(i), rows.row(j), rows.width());
          }
        }
      }
    });
  });
  for (Index i = begin; i < end; ++i) {
    out[(i - begin) * n + i] = std::numeric_limits<T>::infinity();
  }
}

/// How many of n distances come before the j-th when sorted, equal ones by index.
template <class T>
Index rank_of(const T* distances, Index n, Index j) {
  Index before = 0;
  kernels::simd::with_widest([&] {
    const T own = distances[j];
    before = kernels::sum_lanes<int>(0, j, [=](Index i) { return distances[i] <= own ? 1 : 0; }) +
             kernels::sum_lanes<int>(j, n, [=](Index i) { return distances[i] < own ? 1 : 0; });
  });
  return before;
}

/// @throws ShapeError unless x and x_embedded have as many rows; as check_rows()
template <class T, class U>
void check_map(const char* operation, const Tensor<T>& x, const Tensor<U>& x_embedded) {
  embed::check_rows(operation, "x", x);
  embed::check_rows(operation, "x_embedded", x_embedded);
  ensure<ShapeError>(x_embedded.dim(0) == x.dim(0), operation, ": need as many rows in x as in x_embedded, got ",
                     x.shape(), " and ", x_embedded.shape());
}

/// 1 - 2 / (N K (2 N - 3 K - 1)) sum of max(0, r(i, j) - K) over all rows i and their neighbours j, where j is the
/// r-th nearest of i in `space`.
/// @param space      [N, D]
/// @param neighbors  [N, K + 1]: the row itself, then its K neighbours
template <class T>
double rank_score(const Tensor<T>& space, embed::Metric metric, const Tensor<std::int32_t>& neighbors) {
  const embed::PreparedRows<T> rows(space, metric);
  if constexpr (std::is_same_v<T, float>) {
    if (!rows.scale.narrow) {
      return rank_score(cast<double>(space), metric, neighbors);
    }
  }
  const Index n = space.dim(0);
  const Index n_neighbors = neighbors.dim(1) - 1;
  std::vector<double> excess(static_cast<std::size_t>(n));
  parallel_ranges(n, 8, [&](Index begin, Index end) {
    Buffer<T> distances(static_cast<std::size_t>((end - begin) * n));
    distances_from(rows, begin, end, distances.data());
    for (Index i = begin; i < end; ++i) {
      for (Index c = 1; c <= n_neighbors; ++c) {
        const Index rank = 1 + rank_of(distances.data() + (i - begin) * n, n, neighbors[i * (n_neighbors + 1) + c]);
        excess[static_cast<std::size_t>(i)] += static_cast<double>(std::max<Index>(0, rank - n_neighbors));
      }
    }
  });
  double total = 0;
  for (const double e : excess) {
    total += e;
  }
  const auto count = static_cast<double>(n);
  const auto k = static_cast<double>(n_neighbors);
  return 1 - total * 2 / (count * k * (2 * count - 3 * k - 1));
}

/// @throws ArgumentError unless 1 <= n_neighbors < N / 2, for which the worst score is 0 or more
inline void check_rank_neighbors(const char* operation, Index n_neighbors, Index n) {
  ensure<ArgumentError>(n_neighbors >= 1 && 2 * n_neighbors < n, operation,
                        ": need 1 <= n_neighbors < N / 2 for N = ", n, ", got ", n_neighbors);
}

}  // namespace engram::analysis::detail
