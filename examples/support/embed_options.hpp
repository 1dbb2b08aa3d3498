// Options of the program embed.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/embed/neighbors/metric.hpp>
#include <engram/embed/umap/options.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/plot/figure_format.hpp>

#include "support/embed_input.hpp"
#include "support/program.hpp"

namespace support {

namespace embed = engram::embed;
namespace plot = engram::plot;

/// What the program embed is told.
struct EmbedOptions {
  InputOptions input;
  std::filesystem::path out;
  std::filesystem::path picture;
  std::filesystem::path save;
  std::filesystem::path model;  ///< in whose map the rows are placed; none: a map is made
  std::string title;
  std::string method = "umap";
  std::string metric = "euclidean";
  std::string init = "spectral";
  bool supervised = false;
  double target_weight = 0.5;
  embed::UmapOptions umap;
};

inline void add_embed_files(CLI::App& app, EmbedOptions& o) {
  app.add_option("--data", o.input.data,
                 "Rows: .npy or .npz, of which further axes are flattened, or .csv, whose first line names its columns")
      ->required();
  app.add_option("--array", o.input.array, "Array of the .npz; needed if there are several");
  app.add_option("--columns", o.input.columns,
                 "Columns of the .csv that are data, such as a,b,c; all but the label if not given")
      ->delimiter(',');
  app.add_option("--out", o.out, "The map: .npy, .npz or .csv")->required();
  app.add_option("--picture", o.picture, "A picture of the map: .png, .svg or .pdf");
  app.add_option("--title", o.title, "Of the picture; method and file if not given");
  app.add_option("--save", o.save, "The fitted model, as .npz");
  app.add_option(
      "--model", o.model,
      "What --save wrote, UMAP or PCA: the rows are placed in its map, and options of making one are refused");
  app.add_option("--label", o.input.label,
                 "What colours the picture: a column of the .csv (which is then no data), an array of the .npz or a "
                 "column of its array labels");
  app.add_option("--labels", o.input.labels, "File to take the label from, if not from --data: .csv, .npy or .npz");
  app.add_option("--label-kind", o.input.label_kind,
                 "categorical, continuous, circular or auto: categories if they are words or up to 20 whole numbers")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "categorical", "continuous", "circular"}));
  app.add_option("--period", o.input.period,
                 "One turn of a circular label in its unit, such as 360; 2 pi if not given and no value is beyond")
      ->check(positive_number());
}

inline void add_umap_options(CLI::App& app, embed::UmapOptions& u) {
  const auto whole = [&](const char* name, auto& value, const char* what, long long least) {
    app.add_option(name, value, what)->capture_default_str()->check(whole_number(least))->group("UMAP");
  };
  const auto number = [&](const char* name, auto& value, const char* what, const CLI::Validator& valid) {
    app.add_option(name, value, what)->capture_default_str()->check(valid)->group("UMAP");
  };
  const auto not_negative = support::number("a number >= 0", [](double x) { return x >= 0; });
  whole("--n-neighbors", u.n_neighbors, "Rows that make a row's surroundings, itself included", 2);
  number("--min-dist", u.min_dist, "How near points may lie in the map", not_negative);
  number("--spread", u.spread, "Scale of the map, together with --min-dist", positive_number());
  number("--a", u.a, "Of the curve 1 / (1 + a d^(2 b)), with --b; of --spread and --min-dist if not given",
         positive_number());
  number("--b", u.b, "See --a", positive_number());
  whole("--n-epochs", u.n_epochs, "500 for up to 10000 rows, 200 for more, if not given", 0);
  number("--learning-rate", u.learning_rate, "Of the first epoch", positive_number());
  whole("--negative-sample-rate", u.negative_sample_rate, "Points that push, for each that pulls", 0);
  number("--repulsion-strength", u.repulsion_strength, "Weight of the push", not_negative);
  number("--local-connectivity", u.local_connectivity, "Nearest rows that are wholly connected", not_negative);
  number("--set-op-mix-ratio", u.set_op_mix_ratio, "1: union of the rows' views, 0: intersection", share());
  whole("--random-state", u.random_state, "The same seed gives the same map", 0);
  app.add_flag("--densmap", u.densmap, "Dense regions become dense regions")->group("UMAP");
  number("--dens-lambda", u.dens_lambda, "Weight of the density", not_negative);
  number("--dens-frac", u.dens_frac, "Share of the epochs with density", share());
  number("--dens-var-shift", u.dens_var_shift, "Added to the variance of the density's radii", not_negative);
}

inline void add_embed_options(CLI::App& app, EmbedOptions& o) {
  add_embed_files(app, o);
  app.add_option("--method", o.method, "umap or pca")->capture_default_str()->check(CLI::IsMember({"umap", "pca"}));
  app.add_option("--n-components", o.umap.n_components, "Dimensions of the map")
      ->capture_default_str()
      ->check(whole_number(1));
  add_umap_options(app, o.umap);
  const std::vector<std::string> metrics(embed::metric_names.begin(), embed::metric_names.end());
  app.add_option("--metric", o.metric, "Distance of the rows: " + joined(metrics))
      ->capture_default_str()
      ->check(CLI::IsMember(metrics))
      ->group("UMAP");
  app.add_option("--init", o.init, "Where the points start: spectral, pca or random")
      ->capture_default_str()
      ->check(CLI::IsMember({"spectral", "pca", "random"}))
      ->group("UMAP");
  app.add_flag("--supervised", o.supervised, "The label takes part in making the map")->group("UMAP");
  app.add_option("--target-weight", o.target_weight, "How much it does, from 0 to 1")
      ->capture_default_str()
      ->check(share())
      ->group("UMAP");
}

/// @throws ArgumentError if options contradict each other
inline void check_combinations(const EmbedOptions& o, const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string name = option->get_name();
    const bool umap = option->get_group() == "UMAP";
    const bool makes = umap || name == "--method" || name == "--n-components" || name == "--save";
    ensure<ArgumentError>(o.model.empty() || !makes || option->count() == 0, name,
                          ": need a map to be made, got --model");
    ensure<ArgumentError>(o.method == "umap" || !umap || option->count() == 0, name, ": need --method umap, got pca");
  }
  ensure<ArgumentError>(o.umap.a || !o.umap.b, "--b: need --a as well");
  ensure<ArgumentError>(o.umap.b || !o.umap.a, "--a: need --b as well");
  ensure<ArgumentError>(o.umap.a || o.umap.min_dist <= o.umap.spread, "--min-dist: need at most --spread ",
                        o.umap.spread, ", got ", o.umap.min_dist);
  ensure<ArgumentError>(!o.supervised || o.input.has_label(), "--supervised: need --label or --labels");
  ensure<ArgumentError>(app.count("--target-weight") == 0 || o.supervised, "--target-weight: need --supervised");
  ensure<ArgumentError>(app.count("--label-kind") == 0 || o.input.has_label(),
                        "--label-kind: need --label or --labels");
  ensure<ArgumentError>(app.count("--period") == 0 || o.input.label_kind == "circular",
                        "--period: need --label-kind circular, got ", o.input.label_kind);
  ensure<ArgumentError>(app.count("--title") == 0 || !o.picture.empty(), "--title: need --picture");
}

/// @throws ArgumentError if a result would take the place of an input or another result or has no known format, IoError
/// if one cannot be written
inline void check_paths(const EmbedOptions& o) {
  need_extension("--out", o.out, {".npy", ".npz", ".csv"});
  if (!o.save.empty()) {
    need_extension("--save", o.save, {".npz"});
  }
  if (!o.picture.empty()) {
    plot::figure_format(o.picture);
  }
  std::vector<std::pair<std::filesystem::path, const char*>> known{
      {o.input.data, "--data"}, {o.input.labels, "--labels"}, {o.model, "--model"}};
  for (const auto& [name, path] : {std::pair{"--out", o.out}, {"--save", o.save}, {"--picture", o.picture}}) {
    if (path.empty()) {
      continue;
    }
    for (const auto& [other, whose] : known) {
      ensure<ArgumentError>(
          other.empty() || std::filesystem::weakly_canonical(path) != std::filesystem::weakly_canonical(other), name,
          ": need another path than that of ", whose, ", got ", path.string());
    }
    known.emplace_back(path, name);
    const LateSignals late;
    const io::AtomicFile writable(path);  // before hours of work; leaves nothing
  }
}

}  // namespace support
