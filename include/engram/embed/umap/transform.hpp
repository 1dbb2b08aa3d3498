#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/edge_schedule.hpp>
#include <engram/embed/umap/forces.hpp>
#include <engram/embed/umap/graph.hpp>
#include <engram/embed/umap/layout.hpp>
#include <engram/embed/umap/sampled_forces.hpp>

namespace engram::embed {

/// Mean of the points that each row has edges to, weighted by them; of all points for a row without edges.
/// @param graph   [M, N]
/// @param points  [N, d]
/// @returns       [M, d]
inline Tensor<float> weighted_means(const SparseGraph& graph, const Tensor<float>& points) {
  const Index dimensions = points.dim(1);
  auto means = Tensor<float>::zeros({graph.rows(), dimensions});
  const auto add = [&](Index row, Index column, double share) {
    for (Index c = 0; c < dimensions; ++c) {
      means[row * dimensions + c] += static_cast<float>(share * static_cast<double>(points[column * dimensions + c]));
    }
  };
  for (Index row = 0; row < graph.rows(); ++row) {
    const auto begin = static_cast<std::size_t>(graph.offsets[static_cast<std::size_t>(row)]);
    const auto end = static_cast<std::size_t>(graph.offsets[static_cast<std::size_t>(row) + 1]);
    double total = 0;
    for (std::size_t e = begin; e < end; ++e) {
      total += static_cast<double>(graph.weights[e]);
    }
    for (std::size_t e = begin; e < end && total > 0; ++e) {
      add(row, graph.columns[e], static_cast<double>(graph.weights[e]) / total);
    }
    for (Index column = 0; column < points.dim(0) && !(total > 0); ++column) {
      add(row, column, 1 / static_cast<double>(points.dim(0)));
    }
  }
  return means;
}

namespace detail {

/// The graph with each row's weights divided by the row's largest, so that nothing of a row depends on others.
inline SparseGraph scaled_rows(SparseGraph graph) {
  for (std::size_t row = 0; row + 1 < graph.offsets.size(); ++row) {
    const auto begin = graph.weights.begin() + graph.offsets[row];
    const auto end = graph.weights.begin() + graph.offsets[row + 1];
    const float largest = begin == end ? 0.0F : *std::max_element(begin, end);
    std::for_each(begin, end, [largest](float& weight) { weight = largest > 0 ? weight / largest : 0.0F; });
  }
  return graph;
}

/// A key for the random numbers of a new point that follows from its neighbours, not from its place in the call.
inline std::uint32_t content_key(const SparseGraph& graph, Index row) {
  std::uint32_t key = 0;
  for (Index e = graph.offsets[static_cast<std::size_t>(row)]; e < graph.offsets[static_cast<std::size_t>(row) + 1];
       ++e) {
    key = mix_bits(key ^ static_cast<std::uint32_t>(graph.columns[static_cast<std::size_t>(e)]));
  }
  return key;
}

}  // namespace detail

/// Places new points among fitted ones, which stay where they are: each starts at the weighted mean of its neighbours
/// and is then pulled and pushed as in Layout. A point's place has the same bits whatever other points are in the call.
///
/// @param graph   from each new point to its neighbours, [M, N]; see bipartite_graph
/// @param fitted  where the fitted points are, [N, d]
/// @returns       [M, d]
/// @throws ShapeError unless fitted is [N, d], ArgumentError for options out of range
inline Tensor<float> place_among(const SparseGraph& graph, const Tensor<float>& fitted, const LayoutOptions& options) {
  options.check();
  ensure<ShapeError>(fitted.rank() == 2 && fitted.dim(0) == graph.column_count,
                     "Umap: need fitted points [N, d] of a graph [M, N], got ", fitted.shape(), " and [", graph.rows(),
                     ", ", graph.column_count, "]");
  Tensor<float> placed = weighted_means(graph, fitted);
  if (options.n_epochs == 0 || graph.rows() == 0) {
    return placed;
  }
  const EdgeSchedule schedule(detail::scaled_rows(graph), options.n_epochs);
  const Forces forces(options.curve, options.repulsion_strength);
  const Index d = fitted.dim(1);
  parallel_ranges(graph.rows(), 16, [&](Index begin, Index end) {
    SampledForces sampled(schedule, forces, options.negative_sample_rate, 1, options.seed, fitted);
    Buffer<float> state(static_cast<std::size_t>(3 * d));
    float* const force = state.data();
    float* const first = force + d;
    float* const second = first + d;
    for (Index row = begin; row < end; ++row) {
      float* const x = placed.data() + row * d;
      const std::uint32_t key = detail::content_key(graph, row);
      std::fill_n(first, 2 * d, 0.0F);
      for (Index epoch = 0; epoch < options.n_epochs; ++epoch) {
        sampled(row, epoch, key, x, force);
        const detail::AdamStep adam(options.learning_rate, epoch, options.n_epochs);
        for (Index c = 0; c < d; ++c) {
          x[c] += adam(force[c], first[c], second[c]);
        }
      }
    }
  });
  return placed;
}

}  // namespace engram::embed
