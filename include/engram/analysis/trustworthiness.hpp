#pragma once

#include <algorithm>
#include <concepts>
#include <limits>
#include <type_traits>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/distance.hpp>
#include <engram/embed/neighbors/exact.hpp>
#include <engram/embed/neighbors/prepared_rows.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::analysis {

namespace detail {

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

}  // namespace detail

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
  embed::check_rows("trustworthiness", "x", x);
  embed::check_rows("trustworthiness", "x_embedded", x_embedded);
  const Index n = x.dim(0);
  ensure<ShapeError>(x_embedded.dim(0) == n, "trustworthiness: need as many rows in x as in x_embedded, got ",
                     x.shape(), " and ", x_embedded.shape());
  ensure<ArgumentError>(n_neighbors >= 1 && 2 * n_neighbors < n,
                        "trustworthiness: need 1 <= n_neighbors < N / 2 for N = ", n, ", got ", n_neighbors);
  const embed::PreparedRows<T> rows(x, metric);
  if constexpr (std::is_same_v<T, float>) {
    if (!rows.scale.narrow) {
      return trustworthiness(cast<double>(x), x_embedded, n_neighbors, metric);
    }
  }
  const auto near = embed::exact_neighbors(x_embedded, n_neighbors + 1).indices;
  std::vector<double> excess(static_cast<std::size_t>(n));
  parallel_ranges(n, 8, [&](Index begin, Index end) {
    Buffer<T> distances(static_cast<std::size_t>((end - begin) * n));
    detail::distances_from(rows, begin, end, distances.data());
    for (Index i = begin; i < end; ++i) {
      for (Index c = 1; c <= n_neighbors; ++c) {
        const Index rank = 1 + detail::rank_of(distances.data() + (i - begin) * n, n, near[i * (n_neighbors + 1) + c]);
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

}  // namespace engram::analysis
