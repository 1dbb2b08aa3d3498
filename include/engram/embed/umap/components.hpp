#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include <engram/core/shape.hpp>
#include <engram/embed/umap/graph.hpp>

namespace engram::embed {

/// Which rows of a graph hang together.
struct Components {
  std::vector<std::int32_t> labels;  ///< one per row, 0 .. count-1, in the order of each component's first row
  Index count = 0;
};

/// The connected components of a square graph: two rows are in the same one if a chain of edges of positive weight, in
/// either direction, joins them.
///
/// Union-find that hangs the larger root below the smaller and halves paths; time is all but linear in the edges.
/// Source: Tarjan and van Leeuwen, "Worst-case analysis of set union algorithms", 1984.
inline Components connected_components(const SparseGraph& graph) {
  const auto rows = static_cast<std::size_t>(graph.rows());
  std::vector<std::int32_t> parent(rows);
  std::iota(parent.begin(), parent.end(), std::int32_t{0});
  const auto root = [&](std::int32_t i) {
    while (parent[static_cast<std::size_t>(i)] != i) {
      std::int32_t& up = parent[static_cast<std::size_t>(i)];
      up = parent[static_cast<std::size_t>(up)];
      i = up;
    }
    return i;
  };
  for (std::size_t i = 0; i < rows; ++i) {
    std::int32_t own = root(static_cast<std::int32_t>(i));
    for (auto e = static_cast<std::size_t>(graph.offsets[i]); e < static_cast<std::size_t>(graph.offsets[i + 1]); ++e) {
      if (!(graph.weights[e] > 0)) {
        continue;
      }
      const std::int32_t other = root(graph.columns[e]);
      if (other < own) {
        parent[static_cast<std::size_t>(own)] = other;
        own = other;
      } else {
        parent[static_cast<std::size_t>(other)] = own;
      }
    }
  }
  Components found{std::vector<std::int32_t>(rows), 0};
  for (std::size_t i = 0; i < rows; ++i) {  // a root is the smallest row of its component
    const std::int32_t top = root(static_cast<std::int32_t>(i));
    found.labels[i] = top == static_cast<std::int32_t>(i) ? static_cast<std::int32_t>(found.count++)
                                                          : found.labels[static_cast<std::size_t>(top)];
  }
  return found;
}

}  // namespace engram::embed
