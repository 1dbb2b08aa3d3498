#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/line.hpp>
#include <engram/embed/umap/fuzzy_graph.hpp>
#include <engram/embed/umap/graph.hpp>
#include <engram/embed/umap/graph_algebra.hpp>
#include <engram/embed/umap/smooth_knn.hpp>

namespace engram::embed {

/// Classes: edges between rows of different ones are weakened.
struct CategoricalTarget {
  Tensor<std::int32_t> labels;  ///< [N], -1 where unknown
  double target_weight = 0.5;   ///< from 0 to 1, where no edge between different classes is left
};

/// A number for each row: rows are near if their numbers are.
struct ContinuousTarget {
  Tensor<double> values;          ///< [N], finite
  double target_weight = 0.5;     ///< from 0, only the data, to 1, only the target
  Index target_n_neighbors = -1;  ///< a row itself included; -1: as many as of the data
};

/// A direction for each row: rows are near if the angle between their directions is small.
struct CircularTarget {
  Tensor<double> angles;          ///< [N], radians, of any number of turns
  double target_weight = 0.5;     ///< as ContinuousTarget's
  Index target_n_neighbors = -1;  ///< as ContinuousTarget's
};

using Target = std::variant<CategoricalTarget, ContinuousTarget, CircularTarget>;

/// Makes each row's largest weight 1, as each point is wholly connected to some other, and unites the rows' views
/// again.
/// @param graph  [N, N]
/// @throws ShapeError unless graph has as many columns as rows
inline SparseGraph reset_local_connectivity(SparseGraph graph) {
  parallel_ranges(graph.rows(), detail::graph_rows_per_task, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      const Index start = graph.offsets[static_cast<std::size_t>(i)];
      const auto row = std::span(graph.weights)
                           .subspan(static_cast<std::size_t>(start),
                                    static_cast<std::size_t>(graph.offsets[static_cast<std::size_t>(i + 1)] - start));
      float largest = 0;
      for (const float weight : row) {
        largest = std::max(largest, weight);
      }
      for (float& weight : row) {
        weight = largest > 0 ? weight / largest : weight;
      }
    }
  });
  return fuzzy_union(graph);
}

/// Edges of either graph, weighted by the product of their weights in both; the weight in the one that counts less is
/// raised to a power below 1. In the graph that lacks an edge it counts as half of the least weight there, 1e-8 at the
/// least and in b 1e-4 at the most.
/// @param weight  of b: w / (1 - w) is the power for b if w < 1/2, else (1 - w) / w that for a
/// @throws ShapeError if sizes differ; ArgumentError unless 0 <= weight <= 1
inline SparseGraph fuzzy_intersection(SparseGraph a, SparseGraph b, double weight = 0.5) {
  ensure<ShapeError>(a.rows() == b.rows() && a.column_count == b.column_count,
                     "fuzzy_intersection: need graphs of one size, got [", a.rows(), ", ", a.column_count, "] and [",
                     b.rows(), ", ", b.column_count, "]");
  ensure<ArgumentError>(weight >= 0 && weight <= 1, "fuzzy_intersection: need a weight from 0 to 1, got ", weight);
  const auto absent = [](const SparseGraph& graph) {
    float least = std::numeric_limits<float>::max();
    for (const float w : graph.weights) {
      least = std::min(least, w);
    }
    return graph.weights.empty() ? 1e-8F : std::max(least / 2, 1e-8F);
  };
  float absent_a = absent(a);
  float absent_b = std::min(absent(b), 1e-4F);
  const bool b_counts_less = weight < 0.5;
  const auto power = static_cast<float>(b_counts_less ? weight / (1 - weight) : (1 - weight) / weight);
  if (power != 1) {
    std::vector<float>& weights = b_counts_less ? b.weights : a.weights;
    float& absent_weight = b_counts_less ? absent_b : absent_a;
    absent_weight = std::pow(absent_weight, power);
    parallel_ranges(std::ssize(weights), Index{1} << 14, [&](Index first, Index last) {
      for (Index e = first; e < last; ++e) {
        float& w = weights[static_cast<std::size_t>(e)];
        w = std::pow(w, power);
      }
    });
  }
  return detail::merged(
      a, b, [=](float in_a, float in_b) { return (in_a > 0 ? in_a : absent_a) * (in_b > 0 ? in_b : absent_b); });
}

namespace detail {

inline constexpr double unknown_label_distance = 1;

inline SparseGraph with_target(SparseGraph graph, const CategoricalTarget& target, Index) {
  const double far = target.target_weight < 1 ? 2.5 / (1 - target.target_weight) : 1e12;
  const double if_unknown = std::exp(-unknown_label_distance);
  const double if_different = std::exp(-far);
  parallel_ranges(graph.rows(), graph_rows_per_task, [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      const std::int32_t label = target.labels[i];
      for (Index e = graph.offsets[static_cast<std::size_t>(i)]; e < graph.offsets[static_cast<std::size_t>(i + 1)];
           ++e) {
        const std::int32_t other = target.labels[graph.columns[static_cast<std::size_t>(e)]];
        const double factor = label == -1 || other == -1 ? if_unknown : label == other ? 1.0 : if_different;
        float& weight = graph.weights[static_cast<std::size_t>(e)];
        weight = static_cast<float>(static_cast<double>(weight) * factor);
      }
    }
  });
  return reset_local_connectivity(std::move(graph));
}

inline SparseGraph with_target_neighbors(SparseGraph graph, const NeighborLists<float>& lists, double target_weight) {
  const auto fit = smooth_knn(lists.distances);
  return reset_local_connectivity(
      fuzzy_intersection(std::move(graph), fuzzy_union(embed::membership_graph(lists, fit)), target_weight));
}

inline SparseGraph with_target(SparseGraph graph, const ContinuousTarget& target, Index k) {
  return with_target_neighbors(std::move(graph), line_neighbors(target.values, k), target.target_weight);
}

inline SparseGraph with_target(SparseGraph graph, const CircularTarget& target, Index k) {
  return with_target_neighbors(std::move(graph), circle_neighbors(target.angles, k), target.target_weight);
}

inline const Tensor<std::int32_t>& target_elements(const CategoricalTarget& target) {
  return target.labels;
}
inline const Tensor<double>& target_elements(const ContinuousTarget& target) {
  return target.values;
}
inline const Tensor<double>& target_elements(const CircularTarget& target) {
  return target.angles;
}

/// @throws ShapeError unless the target is [rows]; ArgumentError for a number that is not finite, or an option out of
/// range
inline void check_target(const Target& target, Index rows) {
  std::visit(
      [rows](const auto& given) {
        const auto& elements = target_elements(given);
        ensure<ShapeError>(elements.shape() == Shape{rows}, "Umap: need a target [", rows, "], got ", elements.shape());
        ensure<ArgumentError>(given.target_weight >= 0 && given.target_weight <= 1,
                              "Umap: need target_weight from 0 to 1, got ", given.target_weight);
        if constexpr (!std::is_same_v<decltype(given), const CategoricalTarget&>) {
          for (Index i = 0; i < elements.size(); ++i) {
            ensure<ArgumentError>(std::isfinite(elements[i]), "Umap: need a finite target, got ", elements[i],
                                  " in row ", i);
          }
          ensure<ArgumentError>(given.target_n_neighbors == -1 || given.target_n_neighbors >= 2,
                                "Umap: need target_n_neighbors >= 2, got ", given.target_n_neighbors);
        }
      },
      target);
}

}  // namespace detail

/// The data's graph with what is known of the rows: labels, numbers or directions.
///
/// Labels multiply an edge's weight by exp(-1) if one end is unknown and by exp(-2.5 / (1 - target_weight)) if they
/// differ; numbers and directions have a graph of their own, made as that of the data, with which it is intersected.
/// Then reset_local_connectivity.
///
/// @param graph        symmetric [N, N], of fuzzy_union
/// @param n_neighbors  a row itself included, of numbers and directions that do not name another count; N at the most
/// @throws ShapeError unless the target is [N]; ArgumentError if a number is NaN or infinite (its index is named), or
///   target_weight or target_n_neighbors is out of range
/// Source: McInnes, Healy, Melville, "UMAP: uniform manifold approximation and projection for dimension reduction",
/// arXiv:1802.03426, section 6 (semi-supervised and supervised), and umap-learn 0.5.3.
inline SparseGraph with_target(SparseGraph graph, const Target& target, Index n_neighbors = 15) {
  ensure<ShapeError>(graph.rows() == graph.column_count, "with_target: need a graph [N, N], got [", graph.rows(), ", ",
                     graph.column_count, "]");
  detail::check_target(target, graph.rows());
  return std::visit(
      [&](const auto& given) {
        const Index rows = graph.rows();
        Index k = n_neighbors;
        if constexpr (!std::is_same_v<decltype(given), const CategoricalTarget&>) {
          k = given.target_n_neighbors == -1 ? n_neighbors : given.target_n_neighbors;
        }
        return rows < 2 ? graph : detail::with_target(std::move(graph), given, std::min(k, rows));
      },
      target);
}

}  // namespace engram::embed
