#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/graph.hpp>

namespace engram::embed {

namespace detail {

inline constexpr Index graph_rows_per_task = 1024;

/// A graph with room for sizes[i] edges in row i, which fill(i, columns, weights) then writes.
template <class Fill>
SparseGraph graph_of_sizes(const std::vector<std::int32_t>& sizes, Index column_count, Fill fill) {
  SparseGraph graph;
  graph.column_count = column_count;
  graph.offsets = std::vector<Index>(sizes.size() + 1);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    graph.offsets[i + 1] = graph.offsets[i] + sizes[i];
  }
  graph.columns.resize(static_cast<std::size_t>(graph.offsets.back()));
  graph.weights.resize(graph.columns.size());
  parallel_ranges(graph.rows(), graph_rows_per_task, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      const Index start = graph.offsets[static_cast<std::size_t>(i)];
      fill(i, graph.columns.data() + start, graph.weights.data() + start);
    }
  });
  return graph;
}

/// Calls f(column, weight in a, weight in b) for each column that row i of a or of b has, ascending; 0 where absent.
template <class F>
[[gnu::always_inline]] inline void for_each_merged(const SparseGraph& a, const SparseGraph& b, Index i, F f) {
  const auto row = static_cast<std::size_t>(i);
  auto p = static_cast<std::size_t>(a.offsets[row]);
  auto q = static_cast<std::size_t>(b.offsets[row]);
  const auto p_end = static_cast<std::size_t>(a.offsets[row + 1]);
  const auto q_end = static_cast<std::size_t>(b.offsets[row + 1]);
  while (p < p_end && q < q_end) {
    const std::int32_t in_a = a.columns[p];
    const std::int32_t in_b = b.columns[q];
    const float x = a.weights[p];  // before it is known whether they count: a choice of values is no branch
    const float y = b.weights[q];
    f(std::min(in_a, in_b), in_a <= in_b ? x : 0.0F, in_b <= in_a ? y : 0.0F);
    p += in_a <= in_b ? 1 : 0;
    q += in_b <= in_a ? 1 : 0;
  }
  for (; p < p_end; ++p) {
    f(a.columns[p], a.weights[p], 0.0F);
  }
  for (; q < q_end; ++q) {
    f(b.columns[q], 0.0F, b.weights[q]);
  }
}

/// The graph of mix(weight in a, weight in b) over all edges of either; without those where that is not above 0.
template <class Mix>
SparseGraph merged(const SparseGraph& a, const SparseGraph& b, Mix mix) {
  std::vector<std::int32_t> sizes(static_cast<std::size_t>(a.rows()));
  parallel_ranges(a.rows(), graph_rows_per_task, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      std::int32_t size = 0;
      for_each_merged(a, b, i, [&](std::int32_t, float x, float y) { size += mix(x, y) > 0 ? 1 : 0; });
      sizes[static_cast<std::size_t>(i)] = size;
    }
  });
  return graph_of_sizes(sizes, a.column_count, [&](Index i, std::int32_t* columns, float* weights) {
    for_each_merged(a, b, i, [&](std::int32_t column, float x, float y) {
      const float weight = mix(x, y);
      if (weight > 0) {
        *columns++ = column;
        *weights++ = weight;
      }
    });
  });
}

/// Edges sorted into ranges of columns that fit in a processor's cache, in their order within each range.
class ColumnRanges {
 public:
  struct Edge {
    std::int32_t column;
    std::int32_t row;
    float weight;
  };

  explicit ColumnRanges(const SparseGraph& graph) {
    while (graph.column_count >> shift_ >= most_ranges) {
      ++shift_;
    }
    const Index rows_per_piece = std::max(graph_rows_per_task, graph.rows() / most_pieces + 1);
    const Index pieces = (graph.rows() + rows_per_piece - 1) / rows_per_piece;
    const Index ranges = count(graph.column_count);
    // First the number of each piece's edges in each range, then where the next of them goes.
    std::vector<Index> place(static_cast<std::size_t>(pieces * ranges));
    const auto for_each_edge = [&](Index first, Index last, auto f) {
      for (Index i = first; i < last; ++i) {
        for (Index e = graph.offsets[static_cast<std::size_t>(i)]; e < graph.offsets[static_cast<std::size_t>(i + 1)];
             ++e) {
          const std::int32_t column = graph.columns[static_cast<std::size_t>(e)];
          f(Edge{column, static_cast<std::int32_t>(i), graph.weights[static_cast<std::size_t>(e)]}, column >> shift_);
        }
      }
    };
    parallel_ranges(graph.rows(), rows_per_piece, [&](Index first, Index last) {
      Index* sizes = place.data() + first / rows_per_piece * ranges;
      for_each_edge(first, last, [&](const Edge&, Index range) { ++sizes[range]; });
    });
    starts_.resize(static_cast<std::size_t>(ranges + 1));
    Index next = 0;
    for (Index range = 0; range < ranges; ++range) {
      starts_[static_cast<std::size_t>(range)] = next;
      for (Index piece = 0; piece < pieces; ++piece) {
        Index& size = place[static_cast<std::size_t>(piece * ranges + range)];
        next += size;
        size = next - size;
      }
    }
    starts_.back() = next;
    edges_ = Tensor<Edge>::uninitialized({next});
    parallel_ranges(graph.rows(), rows_per_piece, [&](Index first, Index last) {
      Index* at = place.data() + first / rows_per_piece * ranges;
      for_each_edge(first, last, [&](const Edge& edge, Index range) { edges_[at[range]++] = edge; });
    });
  }

  Index count(Index column_count) const { return (column_count + width() - 1) / width(); }
  Index width() const { return Index{1} << shift_; }
  Index start(Index range) const { return starts_[static_cast<std::size_t>(range)]; }
  std::span<const Edge> edges(Index range) const {
    return edges_.elements().subspan(static_cast<std::size_t>(start(range)),
                                     static_cast<std::size_t>(start(range + 1) - start(range)));
  }

 private:
  static constexpr Index most_ranges = 256;
  static constexpr Index most_pieces = 64;

  int shift_ = 10;
  std::vector<Index> starts_;
  Tensor<Edge> edges_;
};

}  // namespace detail

/// Each edge turned round: an edge from i to j becomes one from j to i.
inline SparseGraph transposed(const SparseGraph& graph) {
  SparseGraph out;
  out.column_count = graph.rows();
  out.offsets.resize(static_cast<std::size_t>(graph.column_count) + 1);
  out.columns.resize(graph.columns.size());
  out.weights.resize(graph.columns.size());
  const detail::ColumnRanges ranges(graph);
  parallel_for(ranges.count(graph.column_count), [&](Index range) {
    const Index first = range * ranges.width();
    const Index last = std::min(first + ranges.width(), graph.column_count);
    std::vector<Index> place(static_cast<std::size_t>(last - first));  // sizes, then where the next edge goes
    for (const auto& edge : ranges.edges(range)) {
      ++place[static_cast<std::size_t>(edge.column - first)];
    }
    Index next = ranges.start(range);
    for (Index column = first; column < last; ++column) {
      Index& size = place[static_cast<std::size_t>(column - first)];
      next += size;
      size = next - size;
      out.offsets[static_cast<std::size_t>(column) + 1] = next;
    }
    for (const auto& edge : ranges.edges(range)) {
      const auto at = static_cast<std::size_t>(place[static_cast<std::size_t>(edge.column - first)]++);
      out.columns[at] = edge.row;
      out.weights[at] = edge.weight;
    }
  });
  return out;
}

}  // namespace engram::embed
