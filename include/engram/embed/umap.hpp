#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/neighbors.hpp>
#include <engram/embed/neighbors/search.hpp>
#include <engram/embed/umap/density.hpp>
#include <engram/embed/umap/file.hpp>
#include <engram/embed/umap/fuzzy_graph.hpp>
#include <engram/embed/umap/init.hpp>
#include <engram/embed/umap/inputs.hpp>
#include <engram/embed/umap/inverse_transform.hpp>
#include <engram/embed/umap/layout.hpp>
#include <engram/embed/umap/layout_options.hpp>
#include <engram/embed/umap/local_radii.hpp>
#include <engram/embed/umap/model.hpp>
#include <engram/embed/umap/options.hpp>
#include <engram/embed/umap/smooth_knn.hpp>
#include <engram/embed/umap/supervised.hpp>
#include <engram/embed/umap/transform.hpp>

namespace engram::embed {

/// Uniform manifold approximation and projection: a map, mostly of 2 dimensions, in which rows lie near each other that
/// are near in the data.
///
///   const Tensor<float> map = Umap({.n_neighbors = 15}).fit_transform(x);
///
/// The stages are functions of their own that can be used alone: nearest_neighbors, smooth_knn, membership_graph,
/// fuzzy_union, with_target, initial_positions, Layout. The map is a function of data, options and random_state: it has
/// the same bits on any number of threads.
/// Source: McInnes, Healy, Melville, "UMAP: uniform manifold approximation and projection for dimension reduction",
/// arXiv:1802.03426; names and defaults are umap-learn's, which casts rows to float, too.
class Umap {
 public:
  /// @throws ArgumentError for options that no map can be made with
  explicit Umap(const UmapOptions& options = {}) {
    options.check();
    model_.options = options;
    model_.curve = options.curve();
    layout_options(options, model_.curve, options.epochs(1)).check();
  }

  const UmapOptions& options() const { return model_.options; }
  /// Everything that was fitted.
  const UmapModel& model() const { return model_; }
  /// The map [N, n_components]; while epochs are left, as far as it has come.
  const Tensor<float>& embedding() const { return layout_ ? layout_->coordinates() : model_.embedding; }
  /// How strongly the rows belong together, [N, N].
  const SparseGraph& graph() const { return model_.graph; }

  /// Makes the map of the rows x [N, D].
  ///
  /// With fewer rows than n_neighbors, all of them are neighbours; a single row lies at 0. Rows that are equal are no
  /// trouble, nor are parts of the data that nothing joins.
  /// @throws ShapeError unless x is [N, D] with N, D >= 1; ArgumentError if x is not finite (row and column are named),
  /// or an input does not fit, or points fly beyond 1e15
  Umap& fit(const Tensor<float>& x, const UmapInputs& inputs = {}) {
    start(x, inputs);
    while (step()) {
      if (inputs.on_epoch) {
        inputs.on_epoch(*this);
      }
    }
    return *this;
  }
  /// fit(x), and its map.
  Tensor<float> fit_transform(const Tensor<float>& x, const UmapInputs& inputs = {}) {
    return fit(x, inputs).embedding();
  }

  /// All of a fit before its first epoch; step() does the rest, epoch by epoch.
  void start(const Tensor<float>& x, const UmapInputs& inputs = {}) {
    ensure<ShapeError>(x.rank() == 2 && x.dim(0) >= 1 && x.dim(1) >= 1, "Umap: need x [N, D] with N, D >= 1, got ",
                       x.shape());
    check_rows("Umap", "x", x);
    detail::check_inputs(inputs, x.dim(0), options().n_components);
    const Index rows = x.dim(0);
    UmapModel model{.options = options(), .curve = model_.curve, .data = x};
    model.neighbors = inputs.neighbors ? *inputs.neighbors : found_neighbors(x);
    model.widths = smooth_knn(model.neighbors.distances, {.local_connectivity = options().local_connectivity});
    model.graph = fuzzy_union(membership_graph(model.neighbors, model.widths), options().set_op_mix_ratio);
    Tensor<float> radii = options().densmap ? local_radii(model.graph, model.neighbors) : Tensor<float>();
    if (inputs.target) {
      model.graph = with_target(std::move(model.graph), *inputs.target, model.neighbors.indices.dim(1));
    }
    const UmapInitOptions init{
        .init = options().init, .seed = options().random_state, .given = inputs.init ? &*inputs.init : nullptr};
    model.embedding = rows == 1 ? Tensor<float>::zeros({1, options().n_components})
                                : initial_positions(model.graph, options().n_components, init, &x);
    std::optional<DensityTerm> density;
    if (options().densmap) {
      density.emplace(model.graph, radii, model.curve, density_options());
    }
    Layout layout(model.graph, std::move(model.embedding),
                  layout_options(options(), model.curve, options().epochs(rows)));
    model_ = std::move(model);
    density_ = std::move(density);
    layout_ = std::move(layout);
    search_ = std::make_shared<Search>();
    finish_if_done();
  }

  /// One epoch of the map that start() began.
  /// @returns false, and does nothing, once all are done
  bool step() {
    if (!layout_) {
      return false;
    }
    const double dense_from = (1 - options().dens_frac) * static_cast<double>(layout_->n_epochs());
    if (density_ && static_cast<double>(layout_->epoch()) >= dense_from) {
      density_->prepare(layout_->coordinates());
      layout_->step([this](Index i, float* force) { density_->add(i, force); });
    } else {
      layout_->step();
    }
    finish_if_done();
    return true;
  }
  /// Epochs of the map that are done, and all of them; 0 before a fit.
  Index epoch() const { return layout_ ? layout_->epoch() : n_epochs(); }
  Index n_epochs() const {
    const bool started = model_.data.rank() == 2;
    return started ? options().epochs(model_.data.dim(0)) : 0;
  }

  /// Places new rows x [M, D] in the map, which stays as it is: [M, n_components].
  ///
  /// A third of the fit's epochs at a quarter of its rate. A row's place has the same bits whatever other rows are in
  /// the call; a row that equals a fitted one lies where that lies. Can be called from several threads.
  /// @throws ArgumentError before a fit and during one, or if x is not finite; ShapeError unless x has D columns
  Tensor<float> transform(const Tensor<float>& x) const {
    check_fitted("transform");
    ensure<ShapeError>(x.rank() == 2 && x.dim(1) == model_.data.dim(1), "Umap: transform needs x [M, ",
                       model_.data.dim(1), "], got ", x.shape());
    if (x.size() > 0) {
      check_rows("Umap", "x", x);
    }
    const Index k = model_.neighbors.indices.dim(1);
    const NeighborLists<float> lists = neighbors_among_fitted(x);
    const SmoothKnn widths =
        smooth_knn(lists.distances, {.local_connectivity = std::max(0.0, options().local_connectivity - 1),
                                     .mean_distance = model_.widths.mean_distance});
    LayoutOptions layout = layout_options(options(), model_.curve, (n_epochs() + 2) / 3);
    layout.learning_rate /= 4;
    Tensor<float> placed = place_among(bipartite_graph(lists, widths, model_.data.dim(0)), model_.embedding, layout);
    const Index d = options().n_components;
    for (Index row = 0; row < x.dim(0); ++row) {
      if (lists.distances[row * k] == 0) {
        std::copy_n(model_.embedding.data() + lists.indices[row * k] * d, d, placed.data() + row * d);
      }
    }
    return placed;
  }

  /// Rows of data [M, D] that points of the map [M, n_components] stand for; see inverse_transform.hpp.
  /// @throws ArgumentError before a fit and during one, or if a point is not finite; ShapeError unless points has
  /// n_components columns
  Tensor<float> inverse_transform(const Tensor<float>& points) const {
    check_fitted("inverse_transform");
    return embed::inverse_transform(points, model_.embedding, model_.data, {.curve = model_.curve});
  }

  /// Writes all that was fitted, see write_umap.
  /// @throws ArgumentError before a fit and during one; IoError if the file cannot be written
  void save(const std::filesystem::path& path) const {
    check_fitted("save");
    write_umap(path, model_);
  }
  /// What save() wrote.
  /// @throws IoError, FormatError naming the file
  static Umap load(const std::filesystem::path& path) {
    Umap umap;
    umap.model_ = read_umap(path);
    return umap;
  }

 private:
  /// Made by the first transform; copies of a Umap share it.
  struct Search {
    std::once_flag once;
    std::optional<NeighborIndex<float>> index;
  };

  NeighborLists<float> found_neighbors(const Tensor<float>& x) const {
    return nearest_neighbors(x, std::min(options().n_neighbors, x.dim(0)),
                             {.metric = options().metric, .seed = options().random_state});
  }

  /// The nearest fitted rows of each row of x.
  NeighborLists<float> neighbors_among_fitted(const Tensor<float>& x) const {
    std::call_once(search_->once, [&] {
      search_->index.emplace(model_.data, model_.neighbors,
                             NeighborIndexOptions{.metric = options().metric, .seed = options().random_state});
    });
    return search_->index->query(x, model_.neighbors.indices.dim(1));
  }

  DensityOptions density_options() const {
    return {.dens_lambda = options().dens_lambda, .dens_var_shift = options().dens_var_shift};
  }

  void finish_if_done() {
    if (layout_->done()) {
      const bool good = within_bounds(layout_->coordinates());
      model_.embedding = good ? layout_->coordinates() : Tensor<float>();
      layout_.reset();
      density_.reset();
      ensure<ArgumentError>(good, "Umap: need options and target with which all points stay within 1e15, got others");
    }
  }

  void check_fitted(const char* operation) const {
    ensure<ArgumentError>(!layout_ && model_.embedding.rank() == 2, "Umap: ", operation, " needs a finished fit, got ",
                          layout_ ? "one with epochs left" : "none");
  }

  UmapModel model_;
  std::optional<Layout> layout_;  ///< while epochs are left
  std::optional<DensityTerm> density_;
  std::shared_ptr<Search> search_ = std::make_shared<Search>();
};

}  // namespace engram::embed
