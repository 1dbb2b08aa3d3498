#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/component_centres.hpp>
#include <engram/embed/umap/components.hpp>
#include <engram/embed/umap/graph.hpp>
#include <engram/embed/umap/laplacian.hpp>

namespace engram::embed {

namespace detail {

/// The edges among some rows of a graph, which become rows 0, 1, ...; `place` holds for each of them which.
inline SparseGraph subgraph(const SparseGraph& graph, const std::int32_t* rows, Index count,
                            const std::vector<std::int32_t>& place) {
  SparseGraph part;
  part.column_count = count;
  for (Index r = 0; r < count; ++r) {
    const auto row = static_cast<std::size_t>(rows[r]);
    for (auto e = static_cast<std::size_t>(graph.offsets[row]); e < static_cast<std::size_t>(graph.offsets[row + 1]);
         ++e) {
      if (graph.weights[e] > 0) {
        part.columns.push_back(place[static_cast<std::size_t>(graph.columns[e])]);
        part.weights.push_back(graph.weights[e]);
      }
    }
    part.offsets.push_back(part.edges());
  }
  return part;
}

/// Coordinates [N, dimensions] of a connected graph's rows; those for which it has too few eigenvectors are random.
inline Tensor<float> connected_layout(const SparseGraph& graph, Index dimensions, const SpectralOptions& options) {
  const Index rows = graph.rows();
  if (rows <= 1) {
    return Tensor<float>::zeros({rows, dimensions});
  }
  const Index known = std::min(dimensions, rows - 1);
  Tensor<float> vectors = laplacian_eigenpairs(graph, known, options).vectors;
  if (known == dimensions) {
    return vectors;
  }
  auto layout = Tensor<float>::uninitialized({rows, dimensions});
  fill_random(layout, known, options.seed);
  for (Index i = 0; i < rows; ++i) {
    std::copy_n(vectors.data() + i * known, known, layout.data() + i * dimensions);
  }
  return layout;
}

/// Moves the mean of the rows of `layout` to 0 and scales them to lie within the radius.
inline void fit_in_ball(Tensor<float>& layout, double radius) {
  const Index dimensions = layout.dim(1);
  std::vector<double> mean(static_cast<std::size_t>(dimensions), 0.0);
  for (Index i = 0; i < layout.size(); ++i) {
    mean[static_cast<std::size_t>(i % dimensions)] += static_cast<double>(layout[i]);
  }
  double longest = 0;
  for (Index i = 0; i < layout.dim(0); ++i) {
    double square = 0;
    for (Index j = 0; j < dimensions; ++j) {
      float& v = layout[i * dimensions + j];
      v -= static_cast<float>(mean[static_cast<std::size_t>(j)] / static_cast<double>(layout.dim(0)));
      square += static_cast<double>(v) * static_cast<double>(v);
    }
    longest = std::max(longest, std::sqrt(square));
  }
  const auto scale = longest > 0 ? static_cast<float>(radius / longest) : 0.0F;
  for (float& v : layout.elements()) {
    v *= scale;
  }
}

/// Lays out each component on its own, in a ball around its centre that touches no other.
inline Tensor<float> components_layout(const SparseGraph& graph, const Components& components, Index dimensions,
                                       const SpectralOptions& options, const Tensor<float>* data) {
  const ComponentCentres centres = component_centres(components, dimensions, data);
  std::vector<Index> starts(static_cast<std::size_t>(components.count) + 1, 0);
  for (const std::int32_t label : components.labels) {
    ++starts[static_cast<std::size_t>(label) + 1];
  }
  for (std::size_t c = 1; c < starts.size(); ++c) {
    starts[c] += starts[c - 1];
  }
  std::vector<std::int32_t> rows(components.labels.size());
  std::vector<std::int32_t> place(components.labels.size());  // of a row in its component
  std::vector<Index> next(starts.begin(), starts.end() - 1);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto label = static_cast<std::size_t>(components.labels[i]);
    place[i] = static_cast<std::int32_t>(next[label] - starts[label]);
    rows[static_cast<std::size_t>(next[label]++)] = static_cast<std::int32_t>(i);
  }
  auto layout = Tensor<float>::uninitialized({graph.rows(), dimensions});
  const auto lay_out = [&](Index c) {
    const Index begin = starts[static_cast<std::size_t>(c)];
    const Index count = starts[static_cast<std::size_t>(c) + 1] - begin;
    const SpectralOptions own{options.tolerance, Rng(options.seed).split(static_cast<std::uint64_t>(c)).state().key};
    Tensor<float> part = connected_layout(subgraph(graph, rows.data() + begin, count, place), dimensions, own);
    fit_in_ball(part, centres.radii[static_cast<std::size_t>(c)]);
    for (Index i = 0; i < part.size(); ++i) {
      layout[rows[static_cast<std::size_t>(begin + i / dimensions)] * dimensions + i % dimensions] =
          centres.positions[c * dimensions + i % dimensions] + part[i];
    }
  };
  constexpr Index large = 16384;  // worth all threads
  const auto is_large = [&](Index c) {
    return starts[static_cast<std::size_t>(c) + 1] - starts[static_cast<std::size_t>(c)] >= large;
  };
  for (Index c = 0; c < components.count; ++c) {
    if (is_large(c)) {
      lay_out(c);
    }
  }
  parallel_for(components.count, [&](Index c) {
    if (!is_large(c)) {
      lay_out(c);
    }
  });
  return layout;
}

}  // namespace detail

/// Coordinates of a graph's rows that put those close together which strong edges join.
///
/// A connected graph: the eigenvectors of the normalised Laplacian I - D^-1/2 W D^-1/2 that follow the first, unit
/// length, of either sign, accurate as laplacian_eigenpairs says. Of a graph of fewer than dimensions + 1 rows there
/// are too few of them; the other coordinates are uniform in -1 .. 1. Several components: each is laid out like that in
/// a ball around its centre, which reaches half way to the nearest other centre (component_centres).
/// @param graph  symmetric, weights >= 0; an edge of weight 0 is none
/// @param data   [N, D] or nullptr: the rows that the graph is about; they then say where components lie
/// @returns [N, dimensions]
/// @throws ArgumentError if dimensions < 1, a column is out of range or a weight is negative or not finite;
/// ShapeError unless data has N rows
/// Source: Belkin, Niyogi, "Laplacian eigenmaps for dimensionality reduction and data representation", 2003; McInnes,
/// Healy, Melville, "UMAP: uniform manifold approximation and projection for dimension reduction", 2018, section 4.
inline Tensor<float> spectral_layout(const SparseGraph& graph, Index dimensions, const SpectralOptions& options = {},
                                     const Tensor<float>* data = nullptr) {
  ensure<ArgumentError>(dimensions >= 1, "spectral_layout: need dimensions >= 1, got ", dimensions);
  for (Index e = 0; e < graph.edges(); ++e) {
    const float weight = graph.weights[static_cast<std::size_t>(e)];
    const std::int32_t column = graph.columns[static_cast<std::size_t>(e)];
    ensure<ArgumentError>(std::isfinite(weight) && weight >= 0 && column >= 0 && column < graph.rows(),
                          "spectral_layout: need columns below ", graph.rows(), " and finite weights >= 0, got edge ",
                          e, " to column ", column, " of weight ", weight);
  }
  if (data != nullptr) {
    ensure<ShapeError>(data->rank() == 2 && data->dim(0) == graph.rows(), "spectral_layout: need data [", graph.rows(),
                       ", D], got ", data->shape());
  }
  const Components components = connected_components(graph);
  return components.count > 1 ? detail::components_layout(graph, components, dimensions, options, data)
                              : detail::connected_layout(graph, dimensions, options);
}

}  // namespace engram::embed
