#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/lists.hpp>
#include <engram/embed/umap/graph.hpp>
#include <engram/embed/umap/graph_algebra.hpp>
#include <engram/embed/umap/smooth_knn.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/math.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed {

namespace detail {

/// weights[i, j] = exp(-max(0, distance - rho) / sigma) for the rows first .. last-1, one row after another.
inline void memberships(const Tensor<float>& distances, const SmoothKnn& fit, Index first, Index last, float* weights) {
  const Index k = distances.dim(1);
  for (Index i = first; i < last; ++i) {
    const float* d = distances.data() + i * k;
    float* exponent = weights + (i - first) * k;
    const float rho = fit.rhos[i];
    const float sigma = std::max(fit.sigmas[i], std::numeric_limits<float>::min());
    for (Index j = 0; j < k; ++j) {
      exponent[j] = std::min(0.0F, (rho - d[j]) / sigma);
    }
  }
  kernels::simd::with_widest([=, size = (last - first) * k] {
    kernels::for_each_lane(0, size, [=](Index i) { weights[i] = kernels::simd::exp(weights[i]); });
  });
}

/// An edge as one number, so that sorting numbers sorts edges by column.
inline std::uint64_t packed_edge(std::int32_t column, float weight) {
  return static_cast<std::uint64_t>(static_cast<std::uint32_t>(column)) << 32 | std::bit_cast<std::uint32_t>(weight);
}

/// Edges from each row to its neighbours. @param self_is_neighbor  whether row i may have an edge to column i
inline SparseGraph membership_graph(const NeighborLists<float>& lists, const SmoothKnn& fit, Index column_count,
                                    bool self_is_neighbor) {
  const Shape& shape = lists.distances.shape();
  ensure<ShapeError>(shape.rank() == 2 && lists.indices.shape() == shape && fit.sigmas.shape() == Shape{shape[0]} &&
                         fit.rhos.shape() == fit.sigmas.shape(),
                     "membership_graph: need indices and distances [N, K], sigmas and rhos [N], got ",
                     lists.indices.shape(), ", ", shape, ", ", fit.sigmas.shape(), " and ", fit.rhos.shape());
  ensure<ArgumentError>(std::max(shape[0], column_count) <= std::numeric_limits<std::int32_t>::max(),
                        "membership_graph: need at most 2^31 - 1 rows, got ", std::max(shape[0], column_count));
  const Index k = shape[1];
  auto edges = Tensor<std::uint64_t>::uninitialized(shape);
  std::vector<std::int32_t> sizes(static_cast<std::size_t>(shape[0]));
  parallel_ranges(shape[0], graph_rows_per_task, [&](Index first, Index last) {
    std::vector<float> weights(static_cast<std::size_t>((last - first) * k));
    memberships(lists.distances, fit, first, last, weights.data());
    for (Index i = first; i < last; ++i) {
      const auto row = std::span(edges.data() + i * k, static_cast<std::size_t>(k));
      std::size_t count = 0;
      for (Index j = 0; j < k; ++j) {
        const std::int32_t column = lists.indices[i * k + j];
        ensure<ArgumentError>(column >= -1 && column < column_count, "membership_graph: need neighbours 0 .. ",
                              column_count - 1, ", got ", column, " in row ", i);
        const float weight = weights[static_cast<std::size_t>((i - first) * k + j)];
        if (column >= 0 && weight > 0 && (self_is_neighbor || column != i)) {
          row[count++] = packed_edge(column, weight);
        }
      }
      const auto used = row.first(count);
      std::ranges::sort(used);
      const auto twice = std::ranges::adjacent_find(used, {}, [](std::uint64_t edge) { return edge >> 32; });
      ensure<ArgumentError>(twice == used.end(), "membership_graph: need each neighbour once, got one twice in row ",
                            i);
      sizes[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(count);
    }
  });
  return graph_of_sizes(sizes, column_count, [&](Index i, std::int32_t* columns, float* weights) {
    for (std::int32_t e = 0; e < sizes[static_cast<std::size_t>(i)]; ++e) {
      const std::uint64_t edge = edges[i * k + e];
      columns[e] = static_cast<std::int32_t>(edge >> 32);
      weights[e] = std::bit_cast<float>(static_cast<std::uint32_t>(edge));
    }
  });
}

}  // namespace detail

/// The fuzzy set of each row's neighbours: an edge to each, weighted exp(-max(0, distance - rho) / sigma), 1 within
/// rho. None to the row itself, wherever it stands in its list; none where the weight is 0 (an infinite distance) or
/// the index -1.
/// @param lists  neighbours of N rows among themselves, each once [N, K]
/// @param fit    of lists.distances
/// @returns      [N, N], not symmetric
/// @throws ShapeError if shapes differ; ArgumentError for an index outside -1 .. N - 1 or one that comes twice in a row
/// Source: McInnes, Healy, Melville, arXiv:1802.03426, algorithm 2.
inline SparseGraph membership_graph(const NeighborLists<float>& lists, const SmoothKnn& fit) {
  return detail::membership_graph(lists, fit, lists.distances.rank() > 0 ? lists.distances.dim(0) : 0, false);
}

/// As membership_graph, of rows whose neighbours are among `column_count` other ones: all of them are edges.
/// @returns  [N, column_count]
inline SparseGraph bipartite_graph(const NeighborLists<float>& lists, const SmoothKnn& fit, Index column_count) {
  return detail::membership_graph(lists, fit, column_count, true);
}

/// Makes one symmetric graph of each row's view A: m (A + A' - A A') + (1 - m) A A', products element by element.
/// @param directed          [N, N]
/// @param set_op_mix_ratio  m: 1 keeps an edge that either end has (union), 0 one that both have (intersection)
/// @returns                 [N, N], symmetric to the bit, weights above 0 and at most 1
/// @throws ShapeError unless directed has as many columns as rows; ArgumentError unless 0 <= set_op_mix_ratio <= 1
/// Source: McInnes, Healy, Melville, arXiv:1802.03426, algorithm 1.
inline SparseGraph fuzzy_union(const SparseGraph& directed, double set_op_mix_ratio = 1) {
  ensure<ShapeError>(directed.rows() == directed.column_count, "fuzzy_union: need a graph [N, N], got [",
                     directed.rows(), ", ", directed.column_count, "]");
  ensure<ArgumentError>(set_op_mix_ratio >= 0 && set_op_mix_ratio <= 1,
                        "fuzzy_union: need a set_op_mix_ratio from 0 to 1, got ", set_op_mix_ratio);
  const auto either = static_cast<float>(set_op_mix_ratio);
  const auto both = static_cast<float>(1 - set_op_mix_ratio);
  return detail::merged(directed, transposed(directed), [=](float there, float back) {
    const float larger = std::max(there, back);
    const float smaller = std::min(there, back);
    const float union_weight = larger + smaller * (1 - larger);  // 1 exactly if larger is
    return std::min(1.0F, either * union_weight + both * (larger * smaller));
  });
}

}  // namespace engram::embed
