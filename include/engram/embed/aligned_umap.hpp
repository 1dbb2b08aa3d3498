#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/neighbors.hpp>
#include <engram/embed/umap/alignment.hpp>
#include <engram/embed/umap/fuzzy_graph.hpp>
#include <engram/embed/umap/init.hpp>
#include <engram/embed/umap/layout.hpp>
#include <engram/embed/umap/layout_options.hpp>
#include <engram/embed/umap/options.hpp>
#include <engram/embed/umap/procrustes.hpp>
#include <engram/embed/umap/smooth_knn.hpp>

namespace engram::embed {

/// What an AlignedUmap is to be like. Names, meanings and defaults are umap-learn's.
struct AlignedUmapOptions {
  UmapOptions umap = {};  ///< of each map; epochs() of the most rows, no densmap
  /// Weight of the pull between related rows of neighbouring slices; counted twice, since Adam evens out forces.
  double alignment_regularisation = 0.01;
  Index alignment_window_size = 3;  ///< slices to either side that pull, each e times less than the one before

  /// @throws ArgumentError for what no maps can be made with; what later stages take is checked there
  void check() const {
    umap.check();
    ensure<ArgumentError>(!umap.densmap, "AlignedUmap: need densmap = false");
    ensure<ArgumentError>(alignment_regularisation >= 0 && alignment_regularisation <= 1e6,
                          "AlignedUmap: need alignment_regularisation from 0 to 1e6, got ", alignment_regularisation);
    ensure<ArgumentError>(alignment_window_size >= 1, "AlignedUmap: need alignment_window_size >= 1, got ",
                          alignment_window_size);
  }
};

/// Maps of a sequence of data sets (slices) in which related rows lie near each other from slice to slice: a movie of
/// the latent codes after each epoch of a training, say.
///
///   const std::vector<Tensor<float>> maps = AlignedUmap().fit_transform(slices);
///
/// Each slice is laid out as by Umap, all of them at once; related rows of slices near in the sequence also pull each
/// other, the more the more neighbours they have in common. All slices of an epoch start from the epoch before, so the
/// maps have the same bits on any number of threads. The data is not kept.
/// Source: Dadu et al., "Application of Aligned-UMAP to longitudinal biomedical studies", 2023.
class AlignedUmap {
 public:
  /// @throws ArgumentError for options that no maps can be made with
  explicit AlignedUmap(const AlignedUmapOptions& options = {}) : options_(options) {
    options_.check();
    layout_options_ = layout_options(options_.umap, options_.umap.curve(), options_.umap.epochs(1));
    layout_options_.check();
    alignment_ =
        Alignment(2 * options_.alignment_regularisation * static_cast<double>(1 + options_.umap.negative_sample_rate),
                  options_.alignment_window_size);
  }

  const AlignedUmapOptions& options() const { return options_; }
  /// The map of each slice, [its rows, n_components]; while epochs are left, as far as they have come.
  const std::vector<Tensor<float>>& embeddings() const { return embeddings_; }

  /// Makes the maps of slices [N, D], N and D of each as they please.
  /// @param relations  for each slice but the last, the row of the next slice that each of its rows is, or -1; an empty
  ///   one, or none at all: the same rows
  /// @param on_epoch   called after each epoch: progress, movies
  /// @throws ShapeError unless each slice is [N, D] with N, D >= 1 and relations fit; ArgumentError if there are no
  /// slices, a slice is not finite, or a relation has a partner that the next slice has not, or one twice
  AlignedUmap& fit(std::span<const Tensor<float>> slices, std::span<const Relation> relations = {},
                   const std::function<void(const AlignedUmap&)>& on_epoch = {}) {
    start(slices, relations);
    while (step()) {
      if (on_epoch) {
        on_epoch(*this);
      }
    }
    return *this;
  }

  /// fit(slices, relations), and its maps.
  std::vector<Tensor<float>> fit_transform(std::span<const Tensor<float>> slices,
                                           std::span<const Relation> relations = {}) {
    return fit(slices, relations).embeddings();
  }

  /// All of a fit before its first epoch; step() does the rest, epoch by epoch.
  void start(std::span<const Tensor<float>> slices, std::span<const Relation> relations = {}) {
    ensure<ArgumentError>(!slices.empty(), "AlignedUmap: need at least one slice, got none");
    ensure<ShapeError>(relations.empty() || relations.size() + 1 == slices.size(), "AlignedUmap: need ",
                       slices.size() - 1, " relations of ", slices.size(), " slices, got ", relations.size());
    Index most_rows = 0;
    for (const Tensor<float>& x : slices) {
      most_rows = std::max(most_rows, x.rank() > 0 ? x.dim(0) : 0);
    }
    AlignedUmap made(options_);
    made.layout_options_.n_epochs = options_.umap.epochs(most_rows);
    for (std::size_t s = 0; s < slices.size(); ++s) {
      made.add(slices[s], s == 0 || relations.empty() ? Relation{} : relations[s - 1]);
    }
    *this = std::move(made);
  }

  /// One epoch of all maps that start() began.
  /// @returns false, and does nothing, once all are done
  bool step() {
    if (layouts_.empty()) {
      return false;
    }
    const Index count = std::ssize(layouts_);
    const Index first = std::ssize(embeddings_) - count;
    // A slice is one task, unless it has more pieces of work than there are slices.
    const Index grain = count * 256 >= embeddings_.back().dim(0) ? 1 : count;
    parallel_ranges(count, grain, [&](Index begin, Index end) {
      for (Index m = begin; m < end; ++m) {
        detail::at(layouts_, m).step([&](Index i, float* force) {
          alignment_.add_pulls(first + m, embeddings_, i, force);
        });
      }
    });
    for (Index m = 0; m < count; ++m) {
      detail::at(embeddings_, first + m) = detail::at(layouts_, m).coordinates();
    }
    finish_if_done();
    return true;
  }
  /// Epochs that are done, and all of them; 0 before a fit.
  Index epoch() const { return layouts_.empty() ? n_epochs() : layouts_.front().epoch(); }
  Index n_epochs() const { return embeddings_.empty() ? 0 : layout_options_.n_epochs; }

  /// Adds a slice x [N, D] to those that were fitted, whose maps stay as they are.
  /// @param relation  row of x that each row of the slice before is, or -1; empty: the same rows
  /// @returns  its map
  /// @throws ArgumentError before a fit and during one; else as fit
  Tensor<float> update(const Tensor<float>& x, const Relation& relation = {}) {
    ensure<ArgumentError>(!embeddings_.empty() && layouts_.empty(), "AlignedUmap: update needs a finished fit, got ",
                          embeddings_.empty() ? "none" : "one with epochs left");
    add(x, relation);
    while (step()) {
    }
    return embeddings_.back();
  }

 private:
  static SparseGraph graph_of(const Tensor<float>& x, const UmapOptions& umap) {
    const auto lists =
        nearest_neighbors(x, std::min(umap.n_neighbors, x.dim(0)), {.metric = umap.metric, .seed = umap.random_state});
    const SmoothKnn widths = smooth_knn(lists.distances, {.local_connectivity = umap.local_connectivity});
    return fuzzy_union(membership_graph(lists, widths), umap.set_op_mix_ratio);
  }

  /// Starts the next slice's map, tied to those before.
  void add(const Tensor<float>& x, Relation relation) {
    const Index slice = std::ssize(embeddings_);
    ensure<ShapeError>(x.rank() == 2 && x.dim(0) >= 1 && x.dim(1) >= 1,
                       "AlignedUmap: need slices [N, D] with N, D >= 1, got ", x.shape(), " in slice ", slice);
    Relation to_before;
    if (slice > 0) {
      const Index rows = embeddings_.back().dim(0);
      if (relation.empty() && x.dim(0) == rows) {
        relation = identity_relation(rows);
      }
      ensure<ShapeError>(std::ssize(relation) == rows, "AlignedUmap: need a relation of the ", rows, " rows of slice ",
                         slice - 1, " to the ", x.dim(0), " of the next, got one of ", relation.size());
      to_before = inverted(relation, x.dim(0), slice - 1);
    }
    SparseGraph graph = graph_of(x, options_.umap);
    const Tensor<float> start = initial_positions(graph, options_.umap.n_components,
                                                  {.init = options_.umap.init, .seed = options_.umap.random_state}, &x);
    embeddings_.push_back(slice == 0 ? start : procrustes_aligned(start, embeddings_.back(), to_before));
    layouts_.emplace_back(graph, embeddings_.back(), layout_options_);
    alignment_.add(std::move(graph), std::move(to_before));
    finish_if_done();
  }

  void finish_if_done() {
    if (!layouts_.empty() && layouts_.front().done()) {
      layouts_.clear();
      alignment_.drop_ties();
    }
  }

  AlignedUmapOptions options_;
  LayoutOptions layout_options_;
  std::vector<Tensor<float>> embeddings_;
  std::vector<Layout> layouts_;  ///< of the last slices, while their maps have epochs left
  Alignment alignment_;
};

}  // namespace engram::embed
