#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/aligned_umap.hpp>
#include <engram/embed/umap.hpp>
#include <engram/embed/umap/procrustes.hpp>

namespace engram::embed {

/// What the maps of a sequence are fitted to.
enum class SequenceFit {
  last,    ///< one map, of the last slice, in which the rows of all others are placed
  first,   ///< one map, of the first slice
  every,   ///< a map of its own for each slice, turned, mirrored and moved onto the one before
  aligned  ///< maps of all slices at once, in which a row stays near its place from slice to slice; see AlignedUmap
};

struct MapSequenceOptions {
  SequenceFit fit = SequenceFit::last;
  UmapOptions umap = {};
};

/// Called with how many slices have their map, and how many there are.
using MapProgress = std::function<void(Index, Index)>;

namespace detail {

inline void check_sequence(std::span<const Tensor<float>> slices) {
  ensure<ArgumentError>(!slices.empty(), "map_sequence: need at least one slice, got none");
  for (const Tensor<float>& slice : slices) {
    ensure<ShapeError>(slice.rank() == 2 && slice.size() > 0 && slice.shape() == slices.front().shape(),
                       "map_sequence: need slices [N, D] of one shape, got ", slice.shape(), " and ",
                       slices.front().shape());
  }
}

}  // namespace detail

/// The rows of each slice [N, D] placed in the map of another data set, such as the codes of another training.
/// @param fitted  a Umap of rows [M, D] whose fit is finished
/// @returns       [N, n_components] for each slice
/// @throws ShapeError, ArgumentError unless slices are as described and there are some
inline std::vector<Tensor<float>> place_sequence(const Umap& fitted, std::span<const Tensor<float>> slices,
                                                 const MapProgress& progress = {}) {
  detail::check_sequence(slices);
  std::vector<Tensor<float>> maps;
  for (const Tensor<float>& slice : slices) {
    maps.push_back(fitted.transform(slice));
    if (progress) {
      progress(std::ssize(maps), std::ssize(slices));
    }
  }
  return maps;
}

/// Maps of the same N rows at several moments, such as the codes of all frames at each snapshot of a training: what a
/// movie of a representation as it forms shows.
/// @param slices  [N, D] each, in the order of time
/// @returns       [N, n_components] for each slice
/// @throws ShapeError, ArgumentError unless slices are as described and there are some; what Umap::fit throws
inline std::vector<Tensor<float>> map_sequence(std::span<const Tensor<float>> slices,
                                               const MapSequenceOptions& options = {},
                                               const MapProgress& progress = {}) {
  detail::check_sequence(slices);
  const Index count = std::ssize(slices);
  if (options.fit == SequenceFit::aligned) {
    AlignedUmap maps({.umap = options.umap});
    maps.fit(slices, {}, [&](const AlignedUmap& now) {
      if (progress) {
        progress(now.epoch() * count / now.n_epochs(), count);
      }
    });
    return maps.embeddings();
  }
  std::vector<Tensor<float>> maps;
  if (options.fit == SequenceFit::every) {
    for (const Tensor<float>& slice : slices) {
      Tensor<float> map = Umap(options.umap).fit_transform(slice);
      maps.push_back(maps.empty() ? std::move(map)
                                  : procrustes_aligned(map, maps.back(), identity_relation(slice.dim(0))));
      if (progress) {
        progress(std::ssize(maps), count);
      }
    }
    return maps;
  }
  const bool last = options.fit == SequenceFit::last;
  const Umap fitted = std::move(Umap(options.umap).fit(last ? slices.back() : slices.front()));
  const auto others = last ? slices.first(slices.size() - 1) : slices.subspan(1);
  if (!others.empty()) {
    maps = place_sequence(fitted, others, progress ? [&](Index done, Index) { progress(done, count); } : MapProgress());
  }
  maps.insert(last ? maps.end() : maps.begin(), fitted.embedding());
  if (progress) {
    progress(count, count);
  }
  return maps;
}

}  // namespace engram::embed
