// Makes a map of rows of numbers, in which similar rows lie near each other, and a picture of it.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <engram/embed/neighbors/neighbors.hpp>
#include <engram/embed/pca.hpp>
#include <engram/embed/pca/file.hpp>
#include <engram/embed/umap.hpp>
#include <engram/io/file.hpp>
#include <engram/plot/scatter.hpp>

#include "support/embed_input.hpp"
#include "support/embed_label.hpp"
#include "support/embed_output.hpp"
#include "support/program.hpp"

using namespace engram;

namespace {

struct Options {
  support::InputOptions input;
  std::filesystem::path out;
  std::filesystem::path picture;
  std::filesystem::path save;
  std::string title;
  std::string method = "umap";
  std::string metric = "euclidean";
  std::string init = "spectral";
  bool supervised = false;
  double target_weight = 0.5;
  embed::UmapOptions umap;
};

void add_files(CLI::App& app, Options& o) {
  app.add_option("--data", o.input.data, "Rows: .npy or .npz, of which further axes are flattened, or .csv of numbers")
      ->required();
  app.add_option("--array", o.input.array, "Array of the .npz; needed if there are several");
  app.add_option("--columns", o.input.columns, "Columns of the .csv, such as a,b,c; all but the label if not given")
      ->delimiter(',');
  app.add_option("--out", o.out, "The map: .npy, .npz or .csv")->required();
  app.add_option("--picture", o.picture, "A picture of the map: .png, .svg or .pdf");
  app.add_option("--title", o.title, "Of the picture; method and file if not given");
  app.add_option("--save", o.save, "The fitted model, as .npz");
  app.add_option("--label", o.input.label,
                 "What colours the picture: a column of the .csv (which is then no data), an array of the .npz or a "
                 "column of its array labels");
  app.add_option("--labels", o.input.labels, "File to take the label from, if not from --data: .csv, .npy or .npz");
  app.add_option("--label-kind", o.input.label_kind,
                 "categorical, continuous, circular or auto: categories if there are up to 20 whole numbers or words")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "categorical", "continuous", "circular"}));
  app.add_option("--period", o.input.period,
                 "One turn of a circular label in its unit, such as 360; 2 pi if not given and no value is beyond")
      ->check(support::positive_number());
}

void add_umap(CLI::App& app, embed::UmapOptions& u) {
  const auto whole = [&](const char* name, auto& value, const char* what, long long least) {
    app.add_option(name, value, what)->capture_default_str()->check(support::whole_number(least))->group("UMAP");
  };
  const auto number = [&](const char* name, auto& value, const char* what, const CLI::Validator& valid) {
    app.add_option(name, value, what)->capture_default_str()->check(valid)->group("UMAP");
  };
  const auto not_negative = support::number("a number >= 0", [](double x) { return x >= 0; });
  whole("--n-neighbors", u.n_neighbors, "Rows that make a row's surroundings, itself included", 2);
  number("--min-dist", u.min_dist, "How near points may lie in the map", not_negative);
  number("--spread", u.spread, "Scale of the map, together with --min-dist", support::positive_number());
  number("--a", u.a, "Of the curve 1 / (1 + a d^(2 b)), with --b; of --spread and --min-dist if not given",
         support::positive_number());
  number("--b", u.b, "See --a", support::positive_number());
  whole("--n-epochs", u.n_epochs, "500 for up to 10000 rows, 200 for more, if not given", 0);
  number("--learning-rate", u.learning_rate, "Of the first epoch", support::positive_number());
  whole("--negative-sample-rate", u.negative_sample_rate, "Points that push, for each that pulls", 0);
  number("--repulsion-strength", u.repulsion_strength, "Weight of the push", not_negative);
  number("--local-connectivity", u.local_connectivity, "Nearest rows that are wholly connected", not_negative);
  number("--set-op-mix-ratio", u.set_op_mix_ratio, "1: union of the rows' views, 0: intersection", support::share());
  whole("--random-state", u.random_state, "Seed", 0);
  app.add_flag("--densmap", u.densmap, "Dense regions become dense regions")->group("UMAP");
  number("--dens-lambda", u.dens_lambda, "Weight of the density", not_negative);
  number("--dens-frac", u.dens_frac, "Share of the epochs with density", support::share());
  number("--dens-var-shift", u.dens_var_shift, "Added to the variance of the density's radii", not_negative);
}

void add_options(CLI::App& app, Options& o) {
  add_files(app, o);
  app.add_option("--method", o.method, "umap or pca")->capture_default_str()->check(CLI::IsMember({"umap", "pca"}));
  app.add_option("--n-components", o.umap.n_components, "Dimensions of the map")
      ->capture_default_str()
      ->check(support::whole_number(1));
  add_umap(app, o.umap);
  const std::vector<std::string> metrics(embed::metric_names.begin(), embed::metric_names.end());
  app.add_option("--metric", o.metric, "Distance of the rows: " + support::joined(metrics))
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
      ->check(support::share())
      ->group("UMAP");
}

/// @throws ArgumentError if options contradict each other or a result would take the place of an input or another
/// result, IoError if one cannot be written
void check_options(const Options& o, const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    ensure<ArgumentError>(o.method == "umap" || option->get_group() != "UMAP" || option->count() == 0,
                          option->get_name(), ": need --method umap, got pca");
  }
  ensure<ArgumentError>(!o.supervised || o.input.has_label(), "--supervised: need --label or --labels");
  ensure<ArgumentError>(app.count("--target-weight") == 0 || o.supervised, "--target-weight: need --supervised");
  ensure<ArgumentError>(app.count("--label-kind") == 0 || o.input.has_label(),
                        "--label-kind: need --label or --labels");
  ensure<ArgumentError>(app.count("--period") == 0 || o.input.label_kind == "circular",
                        "--period: need --label-kind circular, got ", o.input.label_kind);
  ensure<ArgumentError>(app.count("--title") == 0 || !o.picture.empty(), "--title: need --picture");
  const std::string extension = io::lower_extension(o.out);
  ensure<ArgumentError>(extension == ".npy" || extension == ".npz" || extension == ".csv",
                        "--out: need a .npy, .npz or .csv, got ", o.out.string());
  ensure<ArgumentError>(o.save.empty() || io::lower_extension(o.save) == ".npz", "--save: need an .npz, got ",
                        o.save.string());
  if (!o.picture.empty()) {
    plot::figure_format(o.picture);
  }
  std::vector<std::pair<std::filesystem::path, const char*>> known{{o.input.data, "--data"},
                                                                   {o.input.labels, "--labels"}};
  for (const auto& [name, path] : {std::pair{"--out", o.out}, {"--picture", o.picture}, {"--save", o.save}}) {
    if (path.empty()) {
      continue;
    }
    for (const auto& [other, whose] : known) {
      ensure<ArgumentError>(
          other.empty() || std::filesystem::weakly_canonical(path) != std::filesystem::weakly_canonical(other), name,
          ": need another path than that of ", whose, ", got ", path.string());
    }
    known.emplace_back(path, name);
    const io::AtomicFile writable(path);  // before hours of work; leaves nothing
  }
}

/// Seconds since the last call.
class Stopwatch {
 public:
  double lap() {
    const auto now = Clock::now();
    return std::chrono::duration<double>(now - std::exchange(last_, now)).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point last_ = Clock::now();
};

/// A line on the terminal that says what is going on; on anything else, nothing.
class Status {
 public:
  ~Status() { show(""); }
  void show(const std::string& words) {
    if (terminal_) {
      std::fprintf(stderr, "\r\033[K%s", words.c_str());
      std::fflush(stderr);
    }
  }
  /// "epoch 120/500  24%  0:03 left", at most ten times a second.
  void show_epoch(Index epoch, Index epochs, double seconds) {
    if (terminal_ && (seconds >= shown_ + 0.1 || seconds < shown_)) {
      shown_ = seconds;
      const double done = static_cast<double>(epoch) / static_cast<double>(epochs);
      const auto left = static_cast<long>(seconds / done * (1 - done) + 0.5);
      char line[96];
      std::snprintf(line, sizeof line, "epoch %td/%td  %.0f%%  %ld:%02ld left", epoch, epochs, 100 * done, left / 60,
                    left % 60);
      show(line);
    }
  }

 private:
  bool terminal_ = isatty(STDERR_FILENO) != 0;
  double shown_ = 0;
};

support::EmbeddedRows make_umap(const Tensor<float>& x, const Options& o, const std::optional<support::Label>& label) {
  Status status;
  Stopwatch watch;
  embed::Umap umap(o.umap);
  const Index k = std::min(o.umap.n_neighbors, x.dim(0));
  const embed::NeighborOptions search{.metric = o.umap.metric, .seed = o.umap.random_state};
  embed::UmapInputs inputs;
  if (o.supervised) {
    inputs.target = support::label_target(*label, o.input, o.target_weight);
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
    status.show_epoch(umap.epoch(), umap.n_epochs(), seconds);
  }
  status.show("");
  char how[160];
  std::snprintf(how, sizeof how, "%td neighbours, %s: %.2f s; graph and start: %.2f s; %td epochs: %.2f s", k,
                exact ? "exact" : "nearest-neighbour descent", neighbors_seconds, start_seconds, umap.n_epochs(),
                seconds);
  if (!o.save.empty()) {
    umap.save(o.save);
  }
  return {umap.embedding(), o.umap.densmap ? "densMAP" : "UMAP", {}, how};
}

support::EmbeddedRows make_pca(const Tensor<float>& x, const Options& o) {
  Stopwatch watch;
  embed::Pca<float> pca({.n_components = o.umap.n_components});
  support::EmbeddedRows map{pca.fit_transform(x), "PC", {}, {}};
  double sum = 0;
  for (const float share : pca.explained_variance_ratio().elements()) {
    sum += static_cast<double>(share);
    char remark[48];
    std::snprintf(remark, sizeof remark, "%.1f %% of the variance", 100 * static_cast<double>(share));
    map.remarks.emplace_back(remark);
  }
  char how[96];
  std::snprintf(how, sizeof how, "%td components: %.1f %% of the variance; %.2f s", pca.n_components(), 100 * sum,
                watch.lap());
  map.how = how;
  if (!o.save.empty()) {
    embed::save_pca(o.save, pca);
  }
  return map;
}

plot::ScatterOptions picture_options(const Options& o, const support::EmbeddedRows& map) {
  const auto axis = [&](Index d) {
    const Index dimensions = map.points.dim(1);
    const auto remark = static_cast<std::size_t>(d);
    return d >= dimensions ? std::string()
                           : text(map.axis, " ", d + 1, dimensions > 2 ? text(" of ", dimensions) : "",
                                  remark < map.remarks.size() ? " (" + map.remarks[remark] + ")" : "");
  };
  return {.title = o.title.empty()
                       ? text(o.method == "pca" ? "PCA" : map.axis, " of ", o.input.data.filename().string())
                       : o.title,
          .x_label = axis(0),
          .y_label = axis(1)};
}

int run_embed(Options& o, const CLI::App& app) {
  o.umap.metric =
      static_cast<embed::Metric>(std::ranges::find(embed::metric_names, o.metric) - embed::metric_names.begin());
  o.umap.init = o.init == "pca"      ? embed::UmapInit::pca
                : o.init == "random" ? embed::UmapInit::random
                                     : embed::UmapInit::spectral;
  check_options(o, app);
  const Tensor<float> x = support::read_rows(o.input);
  std::optional<support::Label> label;
  plot::PointColors colors;
  if (o.input.has_label()) {
    label = support::read_label(o.input, x.dim(0));
    colors = support::label_colors(*label, o.input);
  }
  const support::EmbeddedRows map = o.method == "pca" ? make_pca(x, o) : make_umap(x, o, label);
  if (!o.picture.empty()) {
    plot::write_scatter(o.picture, map.points, colors, picture_options(o, map));
  }
  support::write_map(o.out, map, label);
  constexpr const char* kinds[] = {"", "categories of ", "amounts of ", "directions of "};
  std::printf("%s: %td rows of %td numbers\n%s\n", o.input.data.c_str(), x.dim(0), x.dim(1), map.how.c_str());
  std::printf("%s: the map, %s\n", o.out.c_str(), map.points.shape().text().c_str());
  if (!o.picture.empty()) {
    std::printf("%s: its picture%s%s%s\n", o.picture.c_str(), label ? ", colours are " : "", kinds[colors.index()],
                label ? label->title.c_str() : "");
  }
  if (!o.save.empty()) {
    std::printf("%s: the model\n", o.save.c_str());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Makes a map of rows of numbers, in which similar rows lie near each other, and a picture of it.",
               "embed");
  add_options(app, options);
  return support::run(app, argc, argv, [&] { return run_embed(options, app); });
}
