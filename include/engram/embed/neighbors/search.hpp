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
#include <engram/embed/neighbors/row_scale.hpp>
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
/// navigable small world graphs", IEEE TPAMI 42(4), 2020, with a sample in place of the hierarchy. A query of floats
/// that is a million times as large as most rows, or so small that its squares vanish beside theirs, is compared with
/// all in double.
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
    const Index width = std::min(rows(), std::max<Index>(2 * k + 16, 40));
    parallel_ranges(count, 64, [&](Index begin, Index end) {
      detail::GraphSearch<T> search(rows_, graph_, width);
      std::vector<Found> found;
      for (Index i = begin; i < end; ++i) {
        find(queries.data() + i * columns_, k, search, found);
        for (Index j = 0; j < k; ++j) {
          const Found& neighbor = found[static_cast<std::size_t>(j)];
          lists.indices[i * k + j] = neighbor.index;
          lists.distances[i * k + j] = rows_.finished(neighbor.distance);
        }
      }
    });
    return lists;
  }

 private:
  static constexpr Index small = 2048;
  static constexpr Index most_targets = 16;

  /// Whether sums in type T tell apart how far the rows are from a query.
  bool comparable(const T* query) const {
    constexpr int largest = 20;  // from 2^24 on rows change no digit of the query's
    if (!detail::RowScale::concerns<T>(rows_.metric)) {
      return true;
    }
    const int size = detail::row_size(query, columns_);
    return size <= rows_.scale.exponent + largest &&
           (rows_.scale.narrow || size >= rows_.scale.exponent - detail::RowScale::reach);
  }

  /// At least k rows with their inner distances from a query, the nearest k of them first.
  void find(const T* query, Index k, detail::GraphSearch<T>& search, std::vector<Found>& found) const {
    std::vector<std::int32_t> near;
    if (comparable(query)) {
      const std::vector<T> prepared = rows_.template prepared<T>(query, columns_);
      search.find(prepared.data(), k, near);
      rows_.measure(prepared.data(), near, found);
    } else {
      near.resize(static_cast<std::size_t>(rows()));
      std::iota(near.begin(), near.end(), 0);
      rows_.measure(rows_.template prepared<double>(query, columns_).data(), near, found);
    }
    std::partial_sort(found.begin(), found.begin() + k, found.end());
  }

  Index columns_;
  PreparedRows<T> rows_;
  detail::SearchGraph graph_;
};

}  // namespace engram::embed
