// How the program embed makes a map.
#pragma once

#include <algorithm>
#include <cstdio>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/neighbors.hpp>
#include <engram/embed/pca.hpp>
#include <engram/embed/pca/file.hpp>
#include <engram/embed/umap.hpp>
#include <engram/io/npz.hpp>

#include "support/embed_label.hpp"
#include "support/embed_options.hpp"
#include "support/embed_output.hpp"
#include "support/status.hpp"

namespace support {

inline EmbeddedRows make_umap(const Tensor<float>& x, const EmbedOptions& o, const std::optional<Label>& label) {
  Status status;
  Stopwatch watch;
  embed::Umap umap(o.umap);
  const Index k = std::min(o.umap.n_neighbors, x.dim(0));
  const embed::NeighborOptions search{.metric = o.umap.metric, .seed = o.umap.random_state};
  embed::UmapInputs inputs;
  if (o.supervised) {
    inputs.target = label_target(*label, o.input, o.target_weight);
  }
  status.show("finding neighbours");
  inputs.neighbors = embed::nearest_neighbors(x, k, search);
  const bool exact = embed::chosen_method(x.dim(0), x.dim(1), k, search) == embed::NeighborMethod::exact;
  const double neighbors_seconds = watch.lap();
  status.show("making the graph");
  umap.start(x, inputs);
  const double start_seconds = watch.lap();
  double seconds = 0;
  while (umap.step()) {
    seconds += watch.lap();
    status.show_share("epoch", umap.epoch(), umap.n_epochs(), seconds);
  }
  status.show("");
  char how[160];
  std::snprintf(how, sizeof how, "%s, %s: %.2f s; graph and start: %.2f s; %s: %.2f s", counted(k, "neighbour").c_str(),
                exact ? "exact" : "nearest-neighbour descent", neighbors_seconds, start_seconds,
                counted(umap.n_epochs(), "epoch").c_str(), seconds);
  EmbeddedRows map{umap.embedding(), o.umap.densmap ? "densMAP" : "UMAP", {}, how, {}};
  map.save = [umap = std::move(umap)](const auto& path) { umap.save(path); };
  return map;
}

inline std::vector<std::string> shares_of_variance(const embed::PcaModel<float>& pca) {
  std::vector<std::string> out;
  for (const float share : pca.explained_variance_ratio().elements()) {
    char words[48];
    std::snprintf(words, sizeof words, "%.1f %% of the variance", 100 * static_cast<double>(share));
    out.emplace_back(words);
  }
  return out;
}

inline EmbeddedRows make_pca(const Tensor<float>& x, const EmbedOptions& o) {
  ensure<ArgumentError>(x.dim(0) >= 2, "--method pca: need 2 rows or more, got 1");
  ensure<ArgumentError>(o.umap.n_components <= std::min(x.dim(0), x.dim(1)), "--n-components: need at most ",
                        std::min(x.dim(0), x.dim(1)), " for ", counted(x.dim(0), "row"), " of ",
                        counted(x.dim(1), "number"), ", got ", o.umap.n_components);
  Stopwatch watch;
  embed::Pca<float> pca({.n_components = o.umap.n_components});
  EmbeddedRows map{pca.fit_transform(x), "PC", {}, {}, {}};
  const auto shares = pca.explained_variance_ratio().elements();
  char how[96];
  std::snprintf(how, sizeof how, "%s: %.1f %% of the variance; %.2f s",
                counted(pca.n_components(), "component").c_str(),
                100 * std::accumulate(shares.begin(), shares.end(), 0.0), watch.lap());
  map.remarks = shares_of_variance(pca);
  map.how = how;
  map.save = [pca = std::move(pca)](const auto& path) { embed::save_pca(path, pca); };
  return map;
}

/// Places rows in the map of a model that a run with --save has written.
inline EmbeddedRows place_rows(const Tensor<float>& x, const EmbedOptions& o) {
  Status status;
  status.show("placing rows");
  Stopwatch watch;
  const auto check = [&](Index columns) {
    ensure<ShapeError>(x.dim(1) == columns, o.input.data.string(), ": need rows of ", counted(columns, "number"),
                       " as those of ", o.model.string(), ", got ", x.dim(1));
  };
  EmbeddedRows map;
  if (io::NpzReader(o.model).contains("format")) {
    const auto pca = embed::load_pca<float>(o.model);
    check(pca.components().dim(1));
    map = {pca.transform(x), "PC", shares_of_variance(pca), {}, {}};
  } else {
    const embed::Umap umap = embed::Umap::load(o.model);
    check(umap.model().data.dim(1));
    map = {umap.transform(x), umap.options().densmap ? "densMAP" : "UMAP", {}, {}, {}};
  }
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.2f s", watch.lap());
  map.how = text("placed in the map of ", o.model.string(), "; ", seconds);
  return map;
}

}  // namespace support
