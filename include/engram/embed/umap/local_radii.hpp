#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/lists.hpp>
#include <engram/embed/umap/graph.hpp>

namespace engram::embed {

namespace detail {

/// Distance of rows i and j, which one of them has in its list; negative if none has.
inline float listed_distance(const NeighborLists<float>& lists, Index i, Index j) {
  const Index k = lists.indices.dim(1);
  for (const auto& [row, other] : {std::pair(i, j), std::pair(j, i)}) {
    const std::int32_t* list = lists.indices.data() + row * k;
    const Index at = std::find(list, list + k, static_cast<std::int32_t>(other)) - list;
    if (at < k) {
      return lists.distances[row * k + at];
    }
  }
  return -1;
}

}  // namespace detail

/// How sparse the data are around each row: log(1e-8 + mean of its neighbours' squared distances), weighted by the
/// graph's edges. A row without edges gets the mean of the others.
/// @param graph  N rows among themselves, made of `lists`; see fuzzy_union
/// @param lists  neighbours of each row [N, K]
/// @returns      [N]
/// @throws ShapeError if shapes differ; ArgumentError for an edge whose distance neither row has in its list
/// Source: Narayan, Berger, Cho, "Assessing single-cell transcriptomic variability through density-preserving data
/// visualization", Nature Biotechnology 39, 2021.
inline Tensor<float> local_radii(const SparseGraph& graph, const NeighborLists<float>& lists) {
  ensure<ShapeError>(lists.indices.rank() == 2 && lists.indices.shape() == lists.distances.shape() &&
                         lists.indices.dim(0) == graph.rows() && graph.column_count == graph.rows(),
                     "local_radii: need lists [N, K] and a graph [N, N], got ", lists.indices.shape(), ", ",
                     lists.distances.shape(), " and [", graph.rows(), ", ", graph.column_count, "]");
  auto radii = Tensor<float>::full({graph.rows()}, std::numeric_limits<float>::infinity());
  parallel_ranges(graph.rows(), 1024, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      double weights = 0;
      double squares = 0;
      for (Index e = graph.offsets[static_cast<std::size_t>(i)]; e < graph.offsets[static_cast<std::size_t>(i) + 1];
           ++e) {
        const std::int32_t j = graph.columns[static_cast<std::size_t>(e)];
        const auto distance = static_cast<double>(detail::listed_distance(lists, i, j));
        ensure<ArgumentError>(distance >= 0, "local_radii: need lists that the graph was made of, got an edge of ", i,
                              " and ", j, ", neither in the other's list");
        const auto weight = static_cast<double>(graph.weights[static_cast<std::size_t>(e)]);
        weights += weight;
        squares += weight * distance * distance;
      }
      if (weights > 0) {
        radii[i] = static_cast<float>(std::log(1e-8 + squares / weights));
      }
    }
  });
  double sum = 0;
  Index count = 0;
  for (const float radius : radii.elements()) {
    sum += std::isfinite(radius) ? static_cast<double>(radius) : 0.0;
    count += std::isfinite(radius) ? 1 : 0;
  }
  const auto mean = static_cast<float>(sum / static_cast<double>(std::max<Index>(1, count)));
  std::ranges::replace_if(
      radii.elements(), [](float radius) { return !std::isfinite(radius); }, mean);
  return radii;
}

}  // namespace engram::embed
