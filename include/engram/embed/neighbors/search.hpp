#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>
#include <engram/embed/neighbors/distance.hpp>
#include <engram/embed/neighbors/graph_search.hpp>
#include <engram/embed/neighbors/lists.hpp>
#include <engram/embed/neighbors/metric.hpp>
#include <engram/embed/neighbors/prepared_rows.hpp>
#include <engram/embed/neighbors/search_graph.hpp>
#include <engram/embed/neighbors/top_k.hpp>

namespace engram::embed {

struct NeighborIndexOptions {
  Metric metric = Metric::euclidean;
  std::uint64_t seed = 0;
};

/// Finds, for rows not seen before, the nearest of those of a data set: by a walk from neighbour to neighbour, or, of
/// at most 2,048 rows, by comparing all.
///
/// The walk starts from a sample of the rows and goes on from whichever of the best 2 k + 16 (at least 40) was not gone
/// on from. Source: Malkov, Yashunin, "Efficient and robust approximate nearest neighbor search using hierarchical
/// navigable small world graphs", IEEE TPAMI 42(4), 2020, with a sample in place of the hierarchy.
///
/// A function of what it is made from: it can be made again rather than saved.
template <std::floating_point T>
class NeighborIndex {
 public:
  /// @param x      [N, D], finite; copied
  /// @param graph  neighbours of the rows of x among themselves, [N, K], as of exact_neighbors or nn_descent; the
  ///               distances are not used
  /// @throws ShapeError unless x has two axes and graph N rows; ArgumentError unless 1 <= N < 2^31, entries of x are
  /// finite and indices rows of x
  NeighborIndex(const Tensor<T>& x, const NeighborLists<T>& graph, const NeighborIndexOptions& options = {})
      : columns_((check_rows("NeighborIndex", "x", x), x.dim(1))), rows_(x, options.metric) {
    const Index n = x.dim(0);
    ensure<ShapeError>(graph.indices.rank() == 2 && graph.indices.dim(0) == n,
                       "NeighborIndex: need a graph of the rows of x, [", n, ", K], got ", graph.indices.shape());
    for (Index i = 0; i < graph.indices.size(); ++i) {
      ensure<ArgumentError>(graph.indices[i] >= 0 && graph.indices[i] < n, "NeighborIndex: need indices from 0 to ",
                            n - 1, ", got ", graph.indices[i], " in row ", i / graph.indices.dim(1));
    }
    if (n > small) {
      graph_ = detail::make_search_graph(rows_, graph.indices, most_targets, Rng(options.seed));
    } else {
      graph_.offsets.assign(static_cast<std::size_t>(n + 1), 0);
      graph_.entries.resize(static_cast<std::size_t>(n));
      std::iota(graph_.entries.begin(), graph_.entries.end(), 0);
    }
  }

  Index rows() const { return rows_.count(); }
  Index columns() const { return columns_; }

  /// The k nearest rows of x for each query, nearest first; of equally near ones the smaller index first. A query's
  /// result is the same whatever other queries are in the call.
  /// @param queries  [M, D], finite
  /// @returns        [M, k]
  /// @throws ShapeError unless queries have D columns; ArgumentError unless entries are finite and 1 <= k <= N
  NeighborLists<T> query(const Tensor<T>& queries, Index k) const {
    ensure<ShapeError>(queries.rank() == 2 && queries.dim(1) == columns_, "NeighborIndex: need queries [M, ", columns_,
                       "], got ", queries.shape());
    ensure<ArgumentError>(k >= 1 && k <= rows(), "NeighborIndex: need 1 <= k <= ", rows(), " (the rows of x), got ", k);
    const Index count = queries.dim(0);
    NeighborLists<T> lists{Tensor<std::int32_t>::uninitialized({count, k}), Tensor<T>::uninitialized({count, k})};
    if (count == 0) {
      return lists;
    }
    check_rows("NeighborIndex", "queries", queries);
    const PreparedRows<T> prepared(queries, rows_.metric);
    const Index width = std::min(rows(), std::max<Index>(2 * k + 16, 40));
    parallel_ranges(count, 64, [&](Index begin, Index end) {
      detail::GraphSearch<T> search(rows_, graph_, width);
      std::vector<std::int32_t> near;
      std::vector<Found> found;
      for (Index i = begin; i < end; ++i) {
        search.find(prepared.row(i), k, near);
        rows_.measure(prepared.row(i), near, found);
        std::sort(found.begin(), found.end());
        for (Index j = 0; j < k; ++j) {
          const Found& neighbor = found[static_cast<std::size_t>(j)];
          lists.indices[i * k + j] = neighbor.index;
          lists.distances[i * k + j] = static_cast<T>(finish(rows_.metric, neighbor.distance));
        }
      }
    });
    return lists;
  }

 private:
  static constexpr Index small = 2048;
  static constexpr Index most_targets = 16;

  Index columns_;
  PreparedRows<T> rows_;
  detail::SearchGraph graph_;
};

}  // namespace engram::embed
