// Trains the study's convolutional autoencoder on frames and writes to a folder: model.npz, checkpoints/,
// history.csv, history.json and held_out.npz.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <engram/analysis/psnr.hpp>
#include <engram/core/take_rows.hpp>
#include <engram/data/labels.hpp>
#include <engram/data/load.hpp>
#include <engram/models/conv_autoencoder.hpp>

#include "support/evaluation.hpp"
#include "support/picture.hpp"
#include "support/program.hpp"
#include "support/recording.hpp"
#include "support/training_run.hpp"

using namespace engram;

namespace {

constexpr support::NetworkParts parts{.encoder = true, .decoder = true};

/// What the decoder sees of codes [N, latent_dim]: [N, 2 width * h * w], after fc_2.
Tensor<float> expanded(const models::ConvAutoencoder<float>& model, const Tensor<float>& codes) {
  const NoGrad no_grad;
  const Shape one{models::feature_count(model.options())};
  return support::in_batches(codes.dim(0), one, [&](Index begin, Index count) {
    std::vector<Index> rows(static_cast<std::size_t>(count));
    std::iota(rows.begin(), rows.end(), begin);
    return model.expand(Variable<float>(take_rows(codes, rows))).value();
  });
}

struct Options {
  support::TrainingOptions training;
  std::filesystem::path targets;  ///< empty: the frames themselves
  std::string layer = "fc_1";
};

int train_autoencoder(Options options, const CLI::App& app) {
  support::TrainingOptions& o = options.training;
  const support::ResultFiles files{o.out};
  files.check(o.resume);
  const support::TrainingData recording = support::load_training_data(o, app, files);
  const data::Frames& frames = recording.frames;
  const data::Split& split = recording.split;
  const models::NetworkOptions& network = recording.network;
  if (!o.labels.empty()) {
    data::check_labels(data::load_labels(o.labels), frames.size(), o.images.string());
  }
  const auto clean = support::load_clean(o.images, frames);
  std::optional<data::Frames> targets;
  if (!options.targets.empty()) {
    targets = data::load_frames(options.targets, {.maximum = o.frames.maximum});
    ensure<ShapeError>(targets->shape() == frames.shape(), options.targets.string(), ": need frames ", frames.shape(),
                       " as those of ", o.images.string(), " are, got ", targets->shape());
  }
  auto model = support::make_model<models::ConvAutoencoder<float>>(o, network);

  const auto examples_of = [&](const std::vector<Index>& items) {
    return targets ? train::frames_to_frames<float>(frames, *targets, items)
                   : train::reconstruction<float>(frames, items);
  };
  support::Lesson lesson{.announcement = support::announcement(o, frames, split),
                         .input = {1, network.channels, network.image_height, network.image_width},
                         .training = examples_of(split.training),
                         .held_out = examples_of(split.held_out),
                         .settings = support::make_settings("conv_autoencoder", o, parts, network, frames)};
  if (clean && !split.held_out.empty()) {
    lesson.metrics.push_back({"psnr", [&, truth = clean->batch<float>(split.held_out)] {
                                return analysis::psnr(support::denoised(model, frames, split.held_out), truth);
                              }});
  }
  lesson.codes = [&] {
    const Tensor<float> codes = support::all_codes(model, frames);
    return options.layer == "fc_1" ? codes : expanded(model, codes);
  };
  if (!split.held_out.empty()) {
    lesson.picture = [&, shown = support::few_of(split.held_out)] {
      return support::inputs_above_outputs(frames, shown,
                                           data::Frames::to_levels(support::denoised(model, frames, shown)));
    };
  }
  if (options.layer != "fc_1") {
    lesson.settings.set("snapshot_layer", options.layer);
  }
  if (targets) {
    lesson.settings.set("targets_crc32", support::checksum(*targets));
  }
  lesson.save_beside = [&] {
    support::write_held_out_once(files.held_out(), frames, clean ? &*clean : nullptr, split.held_out);
  };
  return support::run_training(model, lesson, files, o, app);
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  support::Program app("Trains the study's convolutional autoencoder to denoise frames.", "train_autoencoder");
  support::add_training_options(app, options.training, parts);
  app.add_option("--labels", options.training.labels,
                 "Labels, one row per frame: .csv, .npy or .npz; only checked here");
  app.add_option("--targets", options.targets,
                 "Frames that are to be made of --images, such as what denoise made of them; --images if not given");
  app.add_option("--snapshot-layer", options.layer,
                 "What --snapshots keeps: fc_1, the codes; fc_2, 10368 numbers made of them")
      ->capture_default_str()
      ->check(CLI::IsMember({"fc_1", "fc_2"}));
  return support::run(app, argc, argv, [&] { return train_autoencoder(options, app); });
}
