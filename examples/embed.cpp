// Makes a map of rows of numbers, in which similar rows lie near each other, and a picture of it.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include <engram/embed/neighbors/neighbors.hpp>
#include <engram/embed/pca.hpp>
#include <engram/embed/pca/file.hpp>
#include <engram/embed/umap.hpp>
#include <engram/plot/scatter.hpp>

#include "support/embed_input.hpp"
#include "support/embed_label.hpp"
#include "support/embed_options.hpp"
#include "support/embed_output.hpp"
#include "support/program.hpp"

using namespace engram;

namespace {

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

support::EmbeddedRows make_umap(const Tensor<float>& x, const support::EmbedOptions& o,
                                const std::optional<support::Label>& label) {
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

support::EmbeddedRows make_pca(const Tensor<float>& x, const support::EmbedOptions& o) {
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

plot::ScatterOptions picture_options(const support::EmbedOptions& o, const support::EmbeddedRows& map) {
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

int run_embed(support::EmbedOptions& o, const CLI::App& app) {
  o.umap.metric =
      static_cast<embed::Metric>(std::ranges::find(embed::metric_names, o.metric) - embed::metric_names.begin());
  o.umap.init = o.init == "pca"      ? embed::UmapInit::pca
                : o.init == "random" ? embed::UmapInit::random
                                     : embed::UmapInit::spectral;
  support::check_embed_options(o, app);
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
  support::EmbedOptions options;
  CLI::App app("Makes a map of rows of numbers, in which similar rows lie near each other, and a picture of it.",
               "embed");
  support::add_embed_options(app, options);
  return support::run(app, argc, argv, [&] { return run_embed(options, app); });
}
