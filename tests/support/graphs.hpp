#pragma once

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <string>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/embed/umap/graph.hpp>
#include <engram/io/npy.hpp>

namespace support {

/// An edge of a graph that is written down.
struct Edge {
  engram::Index row;
  std::int32_t column;
  float weight;
};

/// @param edges  by row, then column
inline engram::embed::SparseGraph graph_of(engram::Index rows, engram::Index columns, const std::vector<Edge>& edges) {
  engram::embed::SparseGraph graph;
  graph.column_count = columns;
  graph.offsets.assign(static_cast<std::size_t>(rows) + 1, 0);
  for (const Edge& edge : edges) {
    ++graph.offsets[static_cast<std::size_t>(edge.row) + 1];
    graph.columns.push_back(edge.column);
    graph.weights.push_back(edge.weight);
  }
  for (std::size_t i = 1; i < graph.offsets.size(); ++i) {
    graph.offsets[i] += graph.offsets[i - 1];
  }
  return graph;
}

/// The graph in golden_manifold/NAME_{row,col,val}.npy.
inline engram::embed::SparseGraph golden_graph(const std::string& name, engram::Index rows, engram::Index columns) {
  const auto file = [&](const char* part) {
    return engram::io::read_npy(ENGRAM_TEST_DIR "/golden_manifold/" + name + "_" + part + ".npy");
  };
  const auto row = file("row").as<std::int32_t>();
  const auto column = file("col").as<std::int32_t>();
  const auto weight = file("val").as<float>();
  std::vector<Edge> edges;
  for (engram::Index e = 0; e < row.size(); ++e) {
    edges.push_back({row[e], column[e], weight[e]});
  }
  return graph_of(rows, columns, edges);
}

/// Each row has `degree` edges to random columns, of random weights above 0.
inline engram::embed::SparseGraph random_graph(engram::Index rows, engram::Index columns, engram::Index degree,
                                               std::uint64_t seed) {
  engram::Rng rng(seed);
  std::vector<Edge> edges;
  for (engram::Index i = 0; i < rows; ++i) {
    std::vector<std::int32_t> chosen;
    while (std::ssize(chosen) < degree) {
      const auto column = static_cast<std::int32_t>(rng.below(columns));
      if (std::ranges::find(chosen, column) == chosen.end()) {
        chosen.push_back(column);
      }
    }
    std::ranges::sort(chosen);
    for (const std::int32_t column : chosen) {
      edges.push_back({i, column, static_cast<float>(rng.uniform(0.01, 1))});
    }
  }
  return graph_of(rows, columns, edges);
}

/// Weight of the edge from i to j; 0 where there is none.
inline float weight(const engram::embed::SparseGraph& graph, engram::Index i, engram::Index j) {
  for (auto e = static_cast<std::size_t>(graph.offsets[static_cast<std::size_t>(i)]);
       e < static_cast<std::size_t>(graph.offsets[static_cast<std::size_t>(i) + 1]); ++e) {
    if (graph.columns[e] == j) {
      return graph.weights[e];
    }
  }
  return 0;
}

/// Largest difference of weights; infinite where the graphs have not the same edges.
inline double graph_difference(const engram::embed::SparseGraph& a, const engram::embed::SparseGraph& b) {
  if (a.offsets != b.offsets || a.columns != b.columns || a.column_count != b.column_count) {
    return INFINITY;
  }
  double largest = 0;
  for (std::size_t e = 0; e < a.weights.size(); ++e) {
    const double difference = std::abs(static_cast<double>(a.weights[e] - b.weights[e]));
    largest = difference <= largest ? largest : difference;
  }
  return largest;
}

}  // namespace support
