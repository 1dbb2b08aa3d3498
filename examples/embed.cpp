// Makes a map of rows of numbers, in which similar rows lie near each other, and a picture of it.
#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>

#include <engram/plot/scatter.hpp>

#include "support/embed_input.hpp"
#include "support/embed_label.hpp"
#include "support/embed_method.hpp"
#include "support/embed_options.hpp"
#include "support/embed_output.hpp"
#include "support/program.hpp"

using namespace engram;

namespace {

plot::ScatterOptions picture_options(const support::EmbedOptions& o, const support::EmbeddedRows& map) {
  const auto axis = [&](Index d) {
    const Index dimensions = map.points.dim(1);
    const auto remark = static_cast<std::size_t>(d);
    return d >= dimensions ? std::string()
                           : text(map.axis, " ", d + 1, dimensions > 2 ? text(" of ", dimensions) : "",
                                  remark < map.remarks.size() ? " (" + map.remarks[remark] + ")" : "");
  };
  return {.title = o.title.empty() ? text(map.axis == "PC" ? "PCA" : map.axis, " of ", o.input.data.filename().string())
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
  support::check_combinations(o, app);
  support::check_paths(o);
  const Tensor<float> x = support::read_rows(o.input);
  std::optional<support::Label> label;
  plot::PointColors colors;
  if (o.input.has_label()) {
    label = support::read_label(o.input, x.dim(0));
    colors = support::label_colors(*label, o.input);
  }
  const support::EmbeddedRows map = !o.model.empty()    ? support::place_rows(x, o)
                                    : o.method == "pca" ? support::make_pca(x, o)
                                                        : support::make_umap(x, o, label);
  std::printf("%s: %s of %s\n%s\n", o.input.data.c_str(), support::counted(x.dim(0), "row").c_str(),
              support::counted(x.dim(1), "number").c_str(), map.how.c_str());
  const support::LateSignals late;
  support::write_map(o.out, map, label);  // first what took longest
  std::printf("%s: the map, %s\n", o.out.c_str(), map.points.shape().text().c_str());
  if (!o.save.empty()) {
    map.save(o.save);
    std::printf("%s: the model\n", o.save.c_str());
  }
  if (!o.picture.empty()) {
    plot::write_scatter(o.picture, map.points, colors, picture_options(o, map));
    constexpr const char* kinds[] = {"", "categories of ", "amounts of ", "directions of "};
    std::printf("%s: its picture%s%s%s\n", o.picture.c_str(), label ? ", colours are " : "", kinds[colors.index()],
                label ? label->title.c_str() : "");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  support::EmbedOptions options;
  support::Program app(
      "Makes a map of rows of numbers, in which similar rows lie near each other, and a picture of it.", "embed");
  support::add_embed_options(app, options);
  return support::run(app, argc, argv, [&] { return run_embed(options, app); });
}
