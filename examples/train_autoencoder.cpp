// Trains the study's convolutional autoencoder on frames and writes to a folder: model.npz, checkpoint.npz,
// history.csv, history.json and held_out.npz.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include <engram/analysis/psnr.hpp>
#include <engram/data/labels.hpp>
#include <engram/data/load.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/settings.hpp>
#include <engram/optim/adam.hpp>
#include <engram/optim/schedules.hpp>
#include <engram/train/checkpoint.hpp>
#include <engram/train/fit.hpp>
#include <engram/train/history_files.hpp>
#include <engram/train/interrupt.hpp>
#include <engram/train/model_file.hpp>
#include <engram/train/progress.hpp>

#include "support/denoising.hpp"
#include "support/program.hpp"
#include "support/split.hpp"

using namespace engram;
using Model = models::ConvAutoencoder<float>;

namespace {

struct Options {
  std::filesystem::path images;
  std::filesystem::path labels;
  std::filesystem::path out;
  data::FrameOptions frames;
  std::string preset = "study";
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
  support::SplitOptions split;
  Index validate_every = 1;
  Index checkpoint_every = 1;
  bool resume = false;
  bool quiet = false;
};

/// What a preset says, where the user has not. The short one sees 64,000 frames, however long the recording is.
void apply_preset(Options& o, const CLI::App& app, Index training_frames) {
  if (o.epochs == 0) {
    o.epochs = o.preset == "short" ? std::max<Index>(1, (64000 + training_frames / 2) / training_frames) : 150;
  }
  if (o.preset != "short") {
    return;
  }
  const auto set = [&](const char* name, auto& value, auto preset) {
    if (app.count(name) == 0) {
      value = preset;
    }
  };
  set("--batch-size", o.batch_size, Index{16});
  set("--lr", o.lr, 4e-3);
  set("--schedule", o.schedule, "one_cycle");
  set("--code-bias", o.code_bias, 2.0);
  set("--output-scale", o.output_scale, 0.01);
}

void add_options(CLI::App& app, Options& o) {
  app.add_option("--images", o.images, "Frames: .npz, .npy or a folder of PNG, JPEG or BMP images")->required();
  app.add_option("--labels", o.labels, "Labels, one row per frame: .csv, .npy or .npz; only checked here");
  app.add_option("--out", o.out, "Folder for the results; made if it is not there")->required();
  app.add_option("--array", o.frames.array, "Array of the .npz that holds the frames")->capture_default_str();
  app.add_option("--maximum", o.frames.maximum, "Pixel value that becomes 1; 0: the type's largest")
      ->capture_default_str();
  app.add_option("--preset", o.preset,
                 "study: Adam 1e-3, batches of 64, 150 epochs; short, what gets furthest in a few minutes: 64,000 "
                 "frames in batches of 16, --schedule one_cycle, --lr 4e-3, --code-bias 2, --output-scale 0.01")
      ->capture_default_str()
      ->check(CLI::IsMember({"study", "short"}));
  app.add_option("--epochs", o.epochs, "Passes over the frames; 0: what the preset says")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--batch-size", o.batch_size, "Frames per step")
      ->capture_default_str()
      ->check(support::whole_number(2));
  app.add_option("--latent-dim", o.latent_dim, "Numbers in a code")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--width", o.width, "Filters of the first layers")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--lr", o.lr, "Learning rate; the highest one of the schedule")
      ->capture_default_str()
      ->check(support::positive_number());
  app.add_option("--schedule", o.schedule, "Of the learning rate: constant, step or one_cycle")
      ->capture_default_str()
      ->check(CLI::IsMember({"constant", "step", "one_cycle"}));
  app.add_option("--step-size", o.step_size, "Epochs between the drops of --schedule step")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--gamma", o.gamma, "Factor of each drop")->capture_default_str()->check(support::positive_number());
  app.add_option("--warm-up", o.warm_up, "Share of the steps in which --schedule one_cycle rises")
      ->capture_default_str()
      ->check(support::share());
  app.add_option("--code-bias", o.code_bias,
                 "First shift of the code's batch norm; above 0 the ReLU cuts less of the code away at first")
      ->capture_default_str()
      ->check(support::number("a number", [](double) { return true; }));
  app.add_option("--output-scale", o.output_scale,
                 "Factor on the first weights of the last layer: PyTorch's default makes those of a transposed "
                 "convolution to one channel 8 times as large as its 576 inputs call for")
      ->capture_default_str()
      ->check(support::positive_number());
  app.add_option("--seed", o.seed, "Decides weights, order of the batches and random split")
      ->capture_default_str()
      ->check(support::whole_number(0));
  app.add_option("--split", o.split.kind,
                 "Held-out frames: contiguous blocks, or random (which leaks where neighbours look alike)")
      ->capture_default_str()
      ->check(CLI::IsMember({"random", "blocks"}));
  app.add_option("--held-out", o.split.fraction, "Share of the frames for --split random")
      ->capture_default_str()
      ->check(support::share());
  app.add_option("--blocks", o.split.blocks, "Blocks for --split blocks")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--held-out-blocks", o.split.held_out_blocks, "Which of them, such as 2,7")
      ->capture_default_str()
      ->delimiter(',');
  app.add_option("--validate-every", o.validate_every, "Epochs")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_option("--checkpoint-every", o.checkpoint_every, "Epochs")
      ->capture_default_str()
      ->check(support::whole_number(1));
  app.add_flag("--resume", o.resume, "Go on from the checkpoint in --out");
  app.add_flag("--quiet", o.quiet, "No progress");
}

optim::Schedule make_schedule(const Options& o) {
  if (o.schedule == "step") {
    return optim::StepLR{.step_size = o.step_size, .gamma = o.gamma};
  }
  if (o.schedule == "one_cycle") {
    return optim::OneCycleLR{.max_lr = o.lr, .pct_start = o.warm_up};
  }
  return {};
}

/// All that must be the same for a training to go on. Epochs may be added, except to a schedule that ends with them.
Settings make_settings(const Options& o, const models::NetworkOptions& network, const data::Frames& frames) {
  Settings settings;
  settings.set("model", std::string("conv_autoencoder"));
  models::write_options(settings, network);
  settings.set("maximum", o.frames.maximum);
  settings.set("frames_crc32", support::checksum(frames));
  if (o.schedule == "one_cycle") {
    settings.set("epochs", o.epochs);
  }
  settings.set("batch_size", o.batch_size);
  settings.set("lr", o.lr);
  settings.set("schedule", o.schedule);
  if (o.schedule == "step") {
    settings.set("step_size", o.step_size);
    settings.set("gamma", o.gamma);
  } else if (o.schedule == "one_cycle") {
    settings.set("warm_up", o.warm_up);
  }
  settings.set("code_bias", o.code_bias);
  settings.set("output_scale", o.output_scale);
  settings.set("seed", o.seed);
  support::write_settings(settings, o.split);
  return settings;
}

Model make_model(const Options& o, const models::NetworkOptions& network) {
  Rng rng = Rng(o.seed).split(0);
  Model model(network, rng);
  for (auto& parameter : model.parameters()) {
    if (parameter.name == "fc_1.1.bias") {
      std::ranges::fill(parameter.variable.mutable_value().elements(), static_cast<float>(o.code_bias));
    } else if (parameter.name == "decoder.12.weight") {
      for (float& w : parameter.variable.mutable_value().elements()) {
        w *= static_cast<float>(o.output_scale);
      }
    }
  }
  return model;
}

/// The files of a training's folder.
struct ResultFiles {
  std::filesystem::path folder;

  std::filesystem::path checkpoint() const { return folder / "checkpoint.npz"; }
  std::filesystem::path model() const { return folder / "model.npz"; }
  std::filesystem::path held_out() const { return folder / "held_out.npz"; }
  std::filesystem::path csv() const { return folder / "history.csv"; }
  std::filesystem::path json() const { return folder / "history.json"; }

  /// @throws ArgumentError if there is something to lose, or nothing to go on with
  void check(bool resume) const {
    ensure<ArgumentError>(!resume || std::filesystem::exists(checkpoint()), checkpoint().string(),
                          ": no such file; --resume needs one to go on from");
    for (const auto& file : {checkpoint(), model(), held_out(), csv(), json()}) {
      ensure<ArgumentError>(resume || !std::filesystem::exists(file), file.string(),
                            ": a training has been here; use --resume to go on with it, or another --out");
    }
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    ensure<IoError>(!error, folder.string(), ": cannot be made: ", error.message());
  }
};

/// The checkpoint's state, for a model and an optimiser made by the same options on the same frames.
train::TrainingState resume(const ResultFiles& files, const Options& o, Model& model, optim::Adam<float>& adam,
                            const Settings& settings) {
  const Settings found = train::load_settings(files.checkpoint());
  const std::string* trained_on = found.find("frames_crc32");
  ensure<ArgumentError>(trained_on != nullptr && *trained_on == settings.get("frames_crc32"),
                        files.checkpoint().string(), ": was trained on other frames than ", o.images.string(),
                        "; use another --out");
  return train::load_checkpoint(files.checkpoint(), model, adam, settings);
}

int train_autoencoder(Options o, const CLI::App& app) {
  const ResultFiles files{o.out};
  files.check(o.resume);
  const data::Frames frames = data::load_frames(o.images, o.frames);
  if (!o.labels.empty()) {
    data::check_labels(data::load_labels(o.labels), frames.size(), o.images.string());
  }
  const auto clean = support::load_clean(o.images, frames);
  const data::Split split = naming(o.images.string(), [&] { return support::make_split(o.split, frames.size()); });
  apply_preset(o, app, std::ssize(split.training));
  const models::NetworkOptions network{.image_height = frames.shape()[2],
                                       .image_width = frames.shape()[3],
                                       .channels = frames.shape()[1],
                                       .latent_dim = o.latent_dim,
                                       .width = o.width};
  Model model = naming(o.images.string(), [&] { return make_model(o, network); });
  const Settings settings = make_settings(o, network, frames);
  optim::Adam<float> adam(nn::variables(model), {.lr = o.lr});
  train::TrainingState state;
  state.rng = Rng(o.seed).split(1).state();
  if (o.resume) {
    state = resume(files, o, model, adam, settings);
  }
  const auto save = [&](const train::TrainingState& now) {
    train::save_checkpoint(files.checkpoint(), model, adam, now, settings);
    train::save_model(files.model(), model, settings);
    train::write_history_csv(files.csv(), now.history);
    train::write_history_json(files.json(), now.history);
    if (!split.held_out.empty() && !std::filesystem::exists(files.held_out())) {
      support::write_held_out(files.held_out(), frames, clean ? &*clean : nullptr, split.held_out);
    }
  };

  const train::Interrupt interrupt;
  train::FitOptions<float> fit{.epochs = o.epochs, .batch_size = o.batch_size};
  fit.schedule = make_schedule(o);
  fit.validation = train::reconstruction<float>(frames, split.held_out);
  fit.validate_every = o.validate_every;
  fit.stop = [&] { return interrupt.requested(); };
  if (clean && !split.held_out.empty()) {
    fit.metrics.push_back({"psnr", [&, truth = clean->batch<float>(split.held_out)] {
                             return analysis::psnr(support::denoised(model, frames, split.held_out), truth);
                           }});
  }
  fit.callbacks.push_back(train::progress(o.quiet ? train::ProgressStyle::quiet : train::ProgressStyle::automatic));
  fit.callbacks.push_back({.epoch_end =
                               [&](const train::TrainingState& now, Index epochs) {
                                 if (now.epoch % o.checkpoint_every == 0 && now.epoch < epochs) {
                                   save(now);
                                 }
                               },
                           .stopped = save});
  if (!o.quiet) {
    std::fprintf(stderr, "%s: %td frames of %td x %td x %td; %td to learn from, %td held out; %td epochs, %d threads\n",
                 o.images.c_str(), frames.size(), network.channels, network.image_height, network.image_width,
                 std::ssize(split.training), std::ssize(split.held_out), o.epochs, thread_count());
  }
  if (!train::fit(model, adam, train::reconstruction<float>(frames, split.training), fit, state)) {
    std::fprintf(stderr, "%s: saved; go on with --resume\n", files.checkpoint().c_str());
    return 130;
  }
  save(state);
  if (!o.quiet) {
    std::fprintf(stderr, "%s: the trained model; checkpoint, history and held-out frames beside it\n",
                 files.model().c_str());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  CLI::App app("Trains the study's convolutional autoencoder to denoise frames.", "train_autoencoder");
  add_options(app, options);
  return support::run(app, argc, argv, [&] { return train_autoencoder(options, app); });
}
