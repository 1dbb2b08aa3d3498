#pragma once

#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/lists.hpp>
#include <engram/embed/umap/curve.hpp>
#include <engram/embed/umap/graph.hpp>
#include <engram/embed/umap/options.hpp>
#include <engram/embed/umap/smooth_knn.hpp>

namespace engram::embed {

/// Everything that a fitted UMAP of N rows is.
struct UmapModel {
  UmapOptions options = {};
  Curve curve = {};
  Tensor<float> data = {};              ///< the rows [N, D]
  NeighborLists<float> neighbors = {};  ///< [N, K]
  SmoothKnn widths = {};                ///< of each row's neighbourhood, [N]
  SparseGraph graph = {};               ///< [N, N], symmetric
  Tensor<float> embedding = {};         ///< the map [N, n_components]
};

}  // namespace engram::embed
