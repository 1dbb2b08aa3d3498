// Trains a decoder for codes of PCA or UMAP, which stand in for the encoder, and writes to a folder: reduction.npz,
// model.npz, checkpoints/, history.csv, history.json, held_out.npz; for PCA explained_variance.csv.
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/psnr.hpp>
#include <engram/data/load.hpp>
#include <engram/io/csv.hpp>
#include <engram/models/reduction_decoder.hpp>

#include "support/evaluation.hpp"
#include "support/picture.hpp"
#include "support/program.hpp"
#include "support/recording.hpp"
#include "support/reduction.hpp"
#include "support/training_run.hpp"

using namespace engram;

namespace {

constexpr support::NetworkParts parts{.encoder = false, .decoder = true};

struct Options {
  support::TrainingOptions training;
  std::string reduction = "pca";
  embed::UmapOptions umap;
};

/// Writes the shares of variance of the components that make up 95 % of it and tells how many those are.
void write_explained_variance(const std::filesystem::path& path, const Tensor<float>& rows, Index dimensions) {
  const embed::Pca<float> pca = embed::Pca<float>({.n_components = 0.95}).fit(rows);
  const Tensor<float>& shares = pca.explained_variance_ratio();
  io::Table table{.columns = {"component", "explained_variance_ratio", "cumulative"},
                  .values = Tensor<double>::uninitialized({shares.size(), 3})};
  double sum = 0;
  for (Index i = 0; i < shares.size(); ++i) {
    sum += static_cast<double>(shares[i]);
    table.values[3 * i] = static_cast<double>(i + 1);
    table.values[3 * i + 1] = static_cast<double>(shares[i]);
    table.values[3 * i + 2] = sum;
  }
  const Tensor<double> cumulative = table.column("cumulative");
  support::write_variance_figure(std::filesystem::path(path).replace_extension(".png"), table.column("component"),
                                 cumulative);
  io::write_csv(path, table);
  const Index kept = std::min(dimensions, shares.size());
  std::fprintf(stderr, "%s: %td components hold %.1f %% of the training frames' variance; 95 %% takes %td\n",
               path.c_str(), kept, 100 * cumulative[kept - 1], shares.size());
}

/// The reduction of the training frames alone; that of the folder if the training goes on.
support::Reduction fitted_reduction(const Options& o, const support::ResultFiles& files, const Tensor<float>& rows) {
  if (o.training.resume && std::filesystem::exists(files.reduction())) {
    return support::Reduction::load(o.reduction, files.reduction());
  }
  if (!o.training.quiet) {
    std::fprintf(stderr, "fitting %s to %td frames\n", o.reduction == "pca" ? "PCA" : "UMAP", rows.dim(0));
  }
  return support::Reduction::fit(o.reduction, o.training.latent_dim, o.umap, rows);
}

Settings decoder_settings(const Options& o, const models::NetworkOptions& network, const data::Frames& frames) {
  Settings settings = support::make_settings("reduction_decoder", o.training, parts, network, frames);
  settings.set("reduction", o.reduction);
  if (o.reduction == "umap") {
    settings.set("n_neighbors", o.umap.n_neighbors);
    settings.set("min_dist", o.umap.min_dist);
  }
  return settings;
}

int train_decoder(Options o, const CLI::App& app) {
  support::TrainingOptions& t = o.training;
  const support::ResultFiles files{t.out};
  files.check(t.resume);
  const support::TrainingData recording = support::load_training_data(t, app, files);
  const data::Frames& frames = recording.frames;
  const data::Split& split = recording.split;
  const models::NetworkOptions& network = recording.network;
  const auto clean = support::load_clean(t.images, frames);
  auto model = support::make_model<models::ReductionDecoder<float>>(t, network);

  const Tensor<float> rows = support::pixel_rows(frames, split.training);
  o.umap.random_state = t.seed;
  const support::Reduction reduction = fitted_reduction(o, files, rows);
  const Tensor<float> codes = reduction.transform(support::pixel_rows(frames, support::all_frames(frames.size())));
  support::Lesson lesson{.announcement = support::announcement(t, frames, split),
                         .input = {1, network.latent_dim},
                         .training = train::rows_to_frames<float>(codes, frames, split.training),
                         .held_out = train::rows_to_frames<float>(codes, frames, split.held_out),
                         .settings = decoder_settings(o, network, frames)};
  if (clean && !split.held_out.empty()) {
    lesson.metrics.push_back(
        {"psnr", [&, held_out = train::take_rows(codes, split.held_out), truth = clean->batch<float>(split.held_out)] {
           return analysis::psnr(support::decoded(model, held_out), truth);
         }});
  }
  if (!split.held_out.empty()) {
    lesson.picture = [&, shown = support::few_of(split.held_out)] {
      const auto images = support::decoded(model, train::take_rows(codes, shown));
      return support::inputs_above_outputs(frames, shown, data::Frames::to_levels(images));
    };
  }
  lesson.save_beside = [&] {
    if (!std::filesystem::exists(files.reduction())) {
      reduction.save(files.reduction());
    }
    if (reduction.pca() != nullptr && !std::filesystem::exists(files.explained_variance())) {
      write_explained_variance(files.explained_variance(), rows, t.latent_dim);
    }
    support::write_held_out_once(files.held_out(), frames, clean ? &*clean : nullptr, split.held_out);
  };
  return support::run_training(model, lesson, files, t, app);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  support::Program app("Trains a decoder that makes frames of their codes by PCA or UMAP.", "train_decoder");
  support::add_training_options(app, options.training, parts);
  app.add_option("--reduction", options.reduction, "What takes the encoder's place, fitted to the training frames")
      ->capture_default_str()
      ->check(CLI::IsMember({"pca", "umap"}));
  app.add_option("--dimensions", options.training.latent_dim, "Numbers in a code")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--n-neighbors", options.umap.n_neighbors, "Of UMAP")
      ->capture_default_str()
      ->check(support::whole_number(2));
  app.add_option("--min-dist", options.umap.min_dist, "Of UMAP")->capture_default_str()->check(support::share());
  return support::run(app, argc, argv, [&] { return train_decoder(options, app); });
}
