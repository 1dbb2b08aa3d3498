#pragma once

#include <functional>
#include <optional>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/lists.hpp>
#include <engram/embed/umap/init.hpp>
#include <engram/embed/umap/supervised.hpp>

namespace engram::embed {

class Umap;

/// What may be given to a fit beside the rows.
struct UmapInputs {
  std::optional<Target> target = {};  ///< what is known of the rows: supervised or semi-supervised UMAP
  std::optional<NeighborLists<float>> neighbors =
      {};  ///< precomputed, column 0 each row itself, then the nearest; their K is n_neighbors
  std::optional<Tensor<float>> init = {};  ///< where the points start [N, n_components], in place of options.init
  std::function<void(const Umap&)> on_epoch = {};  ///< called after each epoch of fit: progress, movies
};

namespace detail {

/// @throws unless the lists are of `rows` rows, each of which (or an equal one) comes first in its list, then the
/// nearest
inline void check_neighbors(const NeighborLists<float>& lists, Index rows) {
  ensure<ShapeError>(lists.indices.rank() == 2 && lists.indices.shape() == lists.distances.shape() &&
                         lists.indices.dim(0) == rows && lists.indices.dim(1) >= 1,
                     "Umap: need neighbors [", rows, ", K], got ", lists.indices.shape(), " and ",
                     lists.distances.shape());
  const Index k = lists.indices.dim(1);
  for (Index i = 0; i < lists.indices.size(); ++i) {
    const Index row = i / k;
    const Index neighbor = lists.indices[i];
    ensure<ArgumentError>(neighbor >= 0 && neighbor < rows, "Umap: need neighbors from 0 to ", rows - 1, ", got ",
                          neighbor, " in row ", row);
    ensure<ArgumentError>(i % k > 0 || (neighbor == row || lists.distances[i] == 0),
                          "Umap: need each row itself, or an equal one, first in its neighbors, got ", neighbor, " at ",
                          lists.distances[i], " in row ", row);
    ensure<ArgumentError>(i % k == 0 || lists.distances[i] >= lists.distances[i - 1],
                          "Umap: need neighbors nearest first, got ", lists.distances[i], " after ",
                          lists.distances[i == 0 ? 0 : i - 1], " in row ", row);
  }
}

/// @throws ShapeError, ArgumentError for what does not fit to so many rows, before anything is computed
inline void check_inputs(const UmapInputs& inputs, Index rows, Index n_components) {
  if (inputs.neighbors) {
    check_neighbors(*inputs.neighbors, rows);
  }
  if (inputs.target) {
    check_target(*inputs.target, rows);
  }
  if (inputs.init) {
    check_given(*inputs.init, rows, n_components);
  }
}

}  // namespace detail

}  // namespace engram::embed
