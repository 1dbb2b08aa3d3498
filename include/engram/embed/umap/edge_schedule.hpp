#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/embed/umap/graph.hpp>

namespace engram::embed {

/// Which edges pull at which epoch: one of the largest weight at each, one of weight w at every (max / w)-th, as
/// umap-learn samples them. A pure function of edge and epoch, so that nothing but the epoch's number has to be kept.
/// Edges that would never be sampled in n_epochs are left out.
class EdgeSchedule {
 public:
  EdgeSchedule() = default;

  /// @throws ArgumentError unless n_epochs >= 1
  EdgeSchedule(const SparseGraph& graph, Index n_epochs) : column_count_(graph.column_count) {
    ensure<ArgumentError>(n_epochs >= 1, "Umap: need n_epochs >= 1, got ", n_epochs);
    const float largest = graph.weights.empty() ? 0.0F : *std::ranges::max_element(graph.weights);
    const double least = static_cast<double>(largest) / static_cast<double>(n_epochs);
    offsets_.reserve(graph.offsets.size());
    for (Index row = 0; row < graph.rows(); ++row) {
      for (Index e = graph.offsets[static_cast<std::size_t>(row)]; e < graph.offsets[static_cast<std::size_t>(row) + 1];
           ++e) {
        const auto edge = static_cast<std::size_t>(e);
        const auto weight = static_cast<double>(graph.weights[edge]);
        if (weight > 0 && weight >= least) {
          columns_.push_back(graph.columns[edge]);
          rates_.push_back(
              static_cast<std::uint32_t>(std::lround(weight / static_cast<double>(largest) * 4294967295.0)));
        }
      }
      offsets_.push_back(static_cast<Index>(columns_.size()));
      most_edges_ = std::max(most_edges_, offsets_.back() - offsets_[static_cast<std::size_t>(row)]);
    }
  }

  Index rows() const { return static_cast<Index>(offsets_.size()) - 1; }
  Index column_count() const { return column_count_; }
  /// Edges of the row that has most of them.
  Index most_edges() const { return most_edges_; }

  /// Writes the columns of the row's edges that are due at `epoch` (0, 1, ...) to `out`, which needs room for
  /// most_edges() + 1 of them.
  /// @returns how many there are
  [[gnu::always_inline]] Index due(Index row, Index epoch, std::int32_t* out) const {
    // The edge's phase is its rate times the epochs so far, in units of 2^-32; it is due when the phase passes 1.
    const auto epochs = static_cast<std::uint32_t>(epoch) + 1;
    Index count = 0;
    for (Index e = offsets_[static_cast<std::size_t>(row)]; e < offsets_[static_cast<std::size_t>(row) + 1]; ++e) {
      const std::uint32_t rate = rates_[static_cast<std::size_t>(e)];
      out[count] = columns_[static_cast<std::size_t>(e)];
      count += static_cast<std::uint32_t>(rate * epochs) < rate ? 1 : 0;
    }
    return count;
  }

 private:
  std::vector<Index> offsets_ = {0};
  std::vector<std::int32_t> columns_;
  std::vector<std::uint32_t> rates_;  ///< times an edge is due per epoch, in units of 2^-32
  Index column_count_ = 0;
  Index most_edges_ = 0;
};

}  // namespace engram::embed
