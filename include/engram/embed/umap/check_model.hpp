#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/layout_options.hpp>
#include <engram/embed/umap/model.hpp>

namespace engram::embed::detail {

/// @throws FormatError unless what the arrays say of each other's sizes and places holds; ArgumentError for options
/// that no map can be made with
inline void check_model(const UmapModel& model) {
  model.options.check();
  (void)model.options.curve();
  const Index rows = model.embedding.rank() == 2 ? model.embedding.dim(0) : -1;
  ensure<FormatError>(rows >= 1 && model.embedding.dim(1) == model.options.n_components, "need an embedding [N, ",
                      model.options.n_components, "], got ", model.embedding.shape());
  ensure<FormatError>(model.data.rank() == 2 && model.data.dim(0) == rows && model.data.dim(1) >= 1, "need data [",
                      rows, ", D], got ", model.data.shape());
  layout_options(model.options, model.curve, model.options.epochs(rows)).check();
  const Shape& lists = model.neighbors.indices.shape();
  ensure<FormatError>(lists.rank() == 2 && lists[0] == rows && lists[1] >= 1 && lists[1] <= rows &&
                          model.neighbors.distances.shape() == lists,
                      "need neighbours [", rows, ", K], got ", lists, " and ", model.neighbors.distances.shape());
  ensure<FormatError>(model.widths.sigmas.shape() == Shape{rows} && model.widths.rhos.shape() == Shape{rows},
                      "need sigmas and rhos [", rows, "], got ", model.widths.sigmas.shape(), " and ",
                      model.widths.rhos.shape());
  ensure<FormatError>(std::isfinite(model.widths.mean_distance) && model.widths.mean_distance >= 0,
                      "need mean_distance >= 0, got ", model.widths.mean_distance);
  const auto in_range = [rows](std::int32_t row) { return row >= 0 && row < rows; };
  const auto finite = [](float value) { return std::isfinite(value); };
  ensure<FormatError>(std::ranges::all_of(model.neighbors.indices.elements(), in_range) &&
                          std::ranges::all_of(model.graph.columns, in_range),
                      "need neighbours and columns from 0 to ", rows - 1, ", got others");
  const auto not_negative = [](float value) { return value >= 0 && std::isfinite(value); };
  ensure<FormatError>(std::ranges::all_of(model.data.elements(), finite) && within_bounds(model.embedding),
                      "need finite data and an embedding within 1e15, got others");
  ensure<FormatError>(std::ranges::all_of(model.neighbors.distances.elements(), not_negative) &&
                          std::ranges::all_of(model.widths.sigmas.elements(), not_negative) &&
                          std::ranges::all_of(model.widths.rhos.elements(), not_negative) &&
                          std::ranges::all_of(model.graph.weights, not_negative),
                      "need finite distances, sigmas, rhos and weights >= 0, got others");
  ensure<FormatError>(model.graph.rows() == rows && model.graph.offsets.front() == 0 &&
                          model.graph.offsets.back() == model.graph.edges() &&
                          std::ranges::is_sorted(model.graph.offsets) &&
                          model.graph.weights.size() == model.graph.columns.size(),
                      "need a graph of ", rows, " rows, got offsets, columns and weights that do not fit together");
}

}  // namespace engram::embed::detail
