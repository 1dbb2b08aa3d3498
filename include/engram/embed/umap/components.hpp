#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <engram/core/shape.hpp>
#include <engram/embed/umap/graph.hpp>
#include <engram/embed/union_find.hpp>

namespace engram::embed {

/// Which rows of a graph hang together.
struct Components {
  std::vector<std::int32_t> labels;  ///< one per row, 0 .. count-1, in the order of each component's first row
  Index count = 0;
};

/// The connected components of a square graph: two rows are in the same one if a chain of edges of positive weight, in
/// either direction, joins them.
inline Components connected_components(const SparseGraph& graph) {
  const auto rows = static_cast<std::size_t>(graph.rows());
  UnionFind sets(graph.rows());
  for (std::size_t i = 0; i < rows; ++i) {
    auto own = static_cast<std::int32_t>(i);
    for (auto e = static_cast<std::size_t>(graph.offsets[i]); e < static_cast<std::size_t>(graph.offsets[i + 1]); ++e) {
      if (graph.weights[e] > 0) {
        own = sets.join(own, graph.columns[e]);
      }
    }
  }
  Components found{std::vector<std::int32_t>(rows), 0};
  for (std::size_t i = 0; i < rows; ++i) {  // a root is the smallest row of its component
    const std::int32_t top = sets.root(static_cast<std::int32_t>(i));
    found.labels[i] = top == static_cast<std::int32_t>(i) ? static_cast<std::int32_t>(found.count++)
                                                          : found.labels[static_cast<std::size_t>(top)];
  }
  return found;
}

}  // namespace engram::embed
