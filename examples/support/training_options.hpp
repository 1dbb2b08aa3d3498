// What the training programs have in common: their options and the settings that a training keeps.
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>

#include <CLI/CLI.hpp>

#include <engram/core/settings.hpp>
#include <engram/data/frames.hpp>
#include <engram/data/load.hpp>
#include <engram/models/settings.hpp>
#include <engram/nn/module.hpp>
#include <engram/optim/schedules.hpp>

#include "support/program.hpp"
#include "support/split.hpp"

namespace support {

struct TrainingOptions {
  std::filesystem::path images;
  std::filesystem::path labels;
  std::filesystem::path out;
  engram::data::FrameOptions frames;
  std::string preset = "study";
  Index frames_seen = 64000;  ///< without --epochs, but for the preset study
  Index epochs = 0;
  Index batch_size = 64;
  Index latent_dim = 16;
  Index width = 64;
  double lr = 1e-3;
  std::string schedule = "constant";
  Index step_size = 50;
  double gamma = 0.1;
  double warm_up = 0.3;
  double code_bias = 0;
  double output_scale = 1;
  std::uint64_t seed = 0;
  SplitOptions split;
  Index validate_every = 1;
  Index checkpoint_every = 1;
  Index snapshots = 0;
  bool tensorboard = false;
  bool resume = false;
  bool quiet = false;
};

/// Which options a program's network has a use for.
struct NetworkParts {
  bool encoder = true;  ///< --code-bias
  bool decoder = true;  ///< --output-scale
};

/// What a preset says, where the user has not. All but the study's see o.frames_seen frames, however long the recording
/// is.
void apply_preset(TrainingOptions& o, const CLI::App& app, Index training_frames);

void add_recording_options(CLI::App& app, TrainingOptions& o);

void add_schedule_options(CLI::App& app, TrainingOptions& o);

void add_split_options(CLI::App& app, TrainingOptions& o);

/// How a training is watched, kept and gone on with.
void add_run_options(CLI::App& app, TrainingOptions& o);

/// Declares all of them.
void add_training_options(CLI::App& app, TrainingOptions& o, const NetworkParts& parts);

engram::optim::Schedule make_schedule(const TrainingOptions& o);

engram::models::NetworkOptions network_options(const TrainingOptions& o, const engram::data::Frames& frames);

/// Adds what must be the same for a training to go on, besides the network.
void write_training(engram::Settings& settings, const TrainingOptions& o, const engram::data::Frames& frames);

/// All that must be the same for a training to go on. Epochs may be added, except to a schedule that ends with them.
engram::Settings make_settings(const std::string& model, const TrainingOptions& o, const NetworkParts& parts,
                               const engram::models::NetworkOptions& network, const engram::data::Frames& frames);

/// Applies --code-bias and --output-scale to a network that has just been made.
void set_first_weights(const engram::nn::Parameters<float>& parameters, const TrainingOptions& o);

}  // namespace support
