// How the training programs train: from options and data sets to a folder of results.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/settings.hpp>
#include <engram/data/frames.hpp>
#include <engram/data/load.hpp>
#include <engram/data/split.hpp>
#include <engram/io/folder.hpp>
#include <engram/io/image.hpp>
#include <engram/io/tensorboard_writer.hpp>
#include <engram/nn/layer_visitor.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/checkpoint_folder.hpp>
#include <engram/train/fit.hpp>
#include <engram/train/history_files.hpp>
#include <engram/train/interrupt.hpp>
#include <engram/train/latent_snapshots.hpp>
#include <engram/train/model_file.hpp>
#include <engram/train/progress.hpp>
#include <engram/train/tensorboard.hpp>

#include "support/program.hpp"
#include "support/result_files.hpp"
#include "support/run_record.hpp"
#include "support/training_figures.hpp"
#include "support/training_options.hpp"

namespace support {

/// What a training learns from.
struct TrainingData {
  engram::data::Frames frames;
  engram::data::Split split;
  engram::models::NetworkOptions network;
};

/// Reads and splits the frames, completes the options by what the preset says of so many, and makes the folder of the
/// results.
/// @throws ArgumentError if a training that is to go on was of other frames
TrainingData load_training_data(TrainingOptions& o, const CLI::App& app, const ResultFiles& files);

/// A network as a training begins with.
/// @throws ArgumentError naming the file of the frames if no network can be made for them
template <class Model>
Model make_model(const TrainingOptions& o, const engram::models::NetworkOptions& network) {
  engram::Rng rng = engram::Rng(o.seed).split(0);
  auto model = engram::naming(o.images.string(), [&] { return Model(network, rng); });
  set_first_weights(model.parameters(), o);
  return model;
}

/// "arena.npz: 10000 frames of 1 x 50 x 50; 8000 to learn from, 2000 held out; 8 epochs, 2 threads"
std::string announcement(const TrainingOptions& o, const engram::data::Frames& frames,
                         const engram::data::Split& split);

/// What is learnt and how it is watched.
struct Lesson {
  std::string announcement;  ///< a line for the user as the training begins
  engram::Shape input;       ///< of one item as a batch, such as [1, 1, 50, 50]
  engram::train::Dataset<float> training;
  engram::train::Dataset<float> held_out;
  std::vector<engram::train::Metric> metrics = {};
  engram::Settings settings;
  decltype(engram::train::FitOptions<float>::loss) loss = engram::train::FitOptions<float>().loss;
  decltype(engram::train::FitOptions<float>::augment) augment = {};
  std::function<engram::Tensor<float>()> codes = {};                  ///< of all frames, for --snapshots
  std::function<engram::Tensor<std::uint8_t>()> picture = {};         ///< [C, H, W], made at each validation
  std::function<void(const std::filesystem::path&)> save_model = {};  ///< in place of train::save_model()
  std::function<void()> save_beside = {};                             ///< files besides those of every training
};

/// Writes lesson.picture() at each validation, to a file of its own and to TensorBoard.
engram::train::Callback picture_callback(const Lesson& lesson, const ResultFiles& files, const TrainingOptions& o,
                                         engram::io::TensorBoardWriter* board);

/// Trains, or goes on with, a model into the folder `files`, and says so.
/// @returns the program's exit status: 130 if the user stopped it, after a checkpoint
template <class Model>
int run_training(Model& model, const Lesson& lesson, const ResultFiles& files, const TrainingOptions& o,
                 const CLI::App& app) {
  engram::optim::Adam<float> adam(engram::nn::variables(model), {.lr = o.lr});
  engram::train::CheckpointFolder checkpoints(files.checkpoints());
  engram::train::TrainingState state;
  state.rng = engram::Rng(o.seed).split(1).state();
  if (o.resume) {
    const auto before = checkpoints.files();
    state = checkpoints.load(model, adam, lesson.settings);
    const auto whole = checkpoints.files();
    if (whole.size() < before.size()) {
      std::fprintf(stderr, "%s: damaged, set aside; going on from %s\n", before.back().c_str(),
                   (whole.empty() ? checkpoints.best() : whole.back()).c_str());
    }
    for (const auto& folder : {files.folder, files.validation(), files.snapshots()}) {
      engram::io::remove_unfinished(folder);
    }
  }
  const auto save = [&](const engram::train::TrainingState& now) {
    checkpoints.save(model, adam, now, lesson.settings);
    if (lesson.save_model) {
      lesson.save_model(files.model());
    } else {
      engram::train::save_model(files.model(), model, lesson.settings);
    }
    engram::train::write_history_csv(files.csv(), now.history);
    engram::train::write_history_json(files.json(), now.history);
    write_loss_figure(files.folder / "loss.png", now.history);
    if (lesson.save_beside) {
      lesson.save_beside();
    }
  };
  const engram::train::Interrupt interrupt;
  engram::train::FitOptions<float> fit{.epochs = o.epochs, .batch_size = o.batch_size};
  fit.schedule = make_schedule(o);
  fit.loss = lesson.loss;
  fit.augment = lesson.augment;
  fit.validation = lesson.held_out;
  fit.validate_every = o.validate_every;
  fit.stop = [&] { return interrupt.requested(); };
  fit.metrics = lesson.metrics;
  fit.callbacks.push_back(
      engram::train::progress(o.quiet ? engram::train::ProgressStyle::quiet : engram::train::ProgressStyle::automatic));
  std::optional<engram::io::TensorBoardWriter> board;
  if (o.tensorboard) {
    board.emplace(files.folder / "tensorboard", engram::io::TensorBoardOptions{.purge_step = state.step + 1});
    fit.callbacks.push_back(engram::train::tensorboard(*board));
  }
  if (lesson.picture) {
    fit.callbacks.push_back(picture_callback(lesson, files, o, board ? &*board : nullptr));
  }
  if (o.snapshots > 0) {
    if (state.step == 0) {
      engram::train::write_snapshot(files.snapshots(), 0, lesson.codes());
    }
    fit.callbacks.push_back(engram::train::latent_snapshots<float>(files.snapshots(), lesson.codes, o.snapshots));
  }
  fit.callbacks.push_back({.epoch_end =
                               [&](const engram::train::TrainingState& now, Index epochs) {
                                 if (now.epoch % o.checkpoint_every == 0 && now.epoch < epochs) {
                                   save(now);
                                 }
                               },
                           .stopped = save});
  if constexpr (engram::nn::Describable<Model, float>) {  // of another, the figure would tell nothing
    write_network_figure(files.folder / "network.png", model, lesson.input);
  }
  write_run_record(files.folder, app, lesson.settings);
  if (!o.quiet) {
    std::fprintf(stderr, "%s\n", lesson.announcement.c_str());
  }
  if (!engram::train::fit(model, adam, lesson.training, fit, state)) {
    std::fprintf(stderr, "%s: saved; go on with --resume\n", files.checkpoints().c_str());
    return 130;
  }
  save(state);
  if (!o.quiet) {
    std::fprintf(stderr, "%s: the trained model; checkpoints, history and held-out frames beside it\n",
                 files.model().c_str());
  }
  return 0;
}

}  // namespace support
