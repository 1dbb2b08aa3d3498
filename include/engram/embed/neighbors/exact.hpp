#pragma once

#include <concepts>
#include <cstdint>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/distance.hpp>
#include <engram/embed/neighbors/join.hpp>
#include <engram/embed/neighbors/lists.hpp>
#include <engram/embed/neighbors/metric.hpp>
#include <engram/embed/neighbors/top_k.hpp>

namespace engram::embed {

namespace detail {

/// Writes what was found for a row, from `column` on.
template <class T>
void write_neighbors(const std::vector<Found>& found, Metric metric, Index row, Index column, NeighborLists<T>& lists) {
  Index at = row * lists.indices.dim(1) + column;
  for (const Found& neighbor : found) {
    lists.indices[at] = neighbor.index;
    lists.distances[at] = static_cast<T>(finish(metric, neighbor.distance));
    ++at;
  }
}

}  // namespace detail

/// The k nearest rows of x [N, D] for each row of x, itself included: column 0 is the row itself with distance 0, the
/// others follow by distance, equally near ones by index.
///
/// Exact: candidates come from matrix products with bounds of their rounding errors, and are then measured by
/// differences, in double. N^2 D multiplications, halved; memory for three copies of x and about 5 N k numbers. Data
/// whose distances are below a millionth (float) of their spread are measured pair by pair, which is slower.
/// @param k  1 .. N
/// @throws ShapeError, ArgumentError as check_rows(); ArgumentError unless 1 <= k <= N
template <std::floating_point T>
NeighborLists<T> exact_neighbors(const Tensor<T>& x, Index k, Metric metric = Metric::euclidean) {
  check_rows("exact_neighbors", "x", x);
  const Index n = x.dim(0);
  ensure<ArgumentError>(k >= 1 && k <= n, "exact_neighbors: need 1 <= k <= ", n, " (the rows of x), got ", k);
  NeighborLists<T> lists{Tensor<std::int32_t>::uninitialized({n, k}), Tensor<T>::uninitialized({n, k})};
  for (Index i = 0; i < n; ++i) {
    lists.indices[i * k] = static_cast<std::int32_t>(i);
    lists.distances[i * k] = 0;
  }
  if (k > 1) {
    detail::self_join(
        prepare(x, metric), used_columns(x.dim(1), metric), k - 1, metric == Metric::manhattan,
        [&](Index row, const std::vector<Found>& found) { detail::write_neighbors(found, metric, row, 1, lists); });
  }
  return lists;
}

/// The k nearest rows of x [N, D] for each of queries [Q, D], by distance, equally near ones by index: [Q, k]. Q may be
/// 0. A query's result has the same bits whatever other queries are in the call. Exact as above.
/// @param k  1 .. N
/// @throws ShapeError unless queries have the columns of x, and as above
template <std::floating_point T>
NeighborLists<T> exact_neighbors(const Tensor<T>& queries, const Tensor<T>& x, Index k,
                                 Metric metric = Metric::euclidean) {
  check_rows("exact_neighbors", "x", x);
  ensure<ShapeError>(queries.rank() == 2 && queries.dim(1) == x.dim(1), "exact_neighbors: need queries [Q, ", x.dim(1),
                     "] for x ", x.shape(), ", got ", queries.shape());
  ensure<ArgumentError>(k >= 1 && k <= x.dim(0), "exact_neighbors: need 1 <= k <= ", x.dim(0), " (the rows of x), got ",
                        k);
  NeighborLists<T> lists{Tensor<std::int32_t>::uninitialized({queries.dim(0), k}),
                         Tensor<T>::uninitialized({queries.dim(0), k})};
  if (queries.dim(0) > 0) {
    check_rows("exact_neighbors", "queries", queries);
    detail::query_join(
        prepare(queries, metric), prepare(x, metric), used_columns(x.dim(1), metric), k, metric == Metric::manhattan,
        [&](Index row, const std::vector<Found>& found) { detail::write_neighbors(found, metric, row, 0, lists); });
  }
  return lists;
}

}  // namespace engram::embed
