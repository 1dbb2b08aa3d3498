// A small training that saves a checkpoint after every step, to be killed and started again: see kill_training.sh.
//   kill_training train FOLDER EPOCHS   goes on from the newest checkpoint; at the end it writes FOLDER/model.npz
//   kill_training check FOLDER          fails unless the newest checkpoint, and the best if there is one, can be read;
//                                       prints their steps
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <string>

#include <engram/models/conv_autoencoder.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/augment.hpp>
#include <engram/train/checkpoint_folder.hpp>
#include <engram/train/model_file.hpp>

#include "support/random_tensor.hpp"

using namespace engram;

namespace {

int run(const std::string& mode, const std::filesystem::path& folder, Index epochs) {
  Rng rng(1);
  models::ConvAutoencoder<float> model({.image_height = 18, .image_width = 18, .latent_dim = 3, .width = 4}, rng);
  optim::Adam<float> adam(nn::variables(model), {.lr = 1e-3});
  train::TrainingState state;
  if (mode == "check") {
    const train::CheckpointFolder checkpoints(folder / "checkpoints");
    ensure<Error>(!checkpoints.files().empty(), checkpoints.best().string(), ": need a checkpoint beside it, got none");
    const Index newest = train::load_checkpoint(checkpoints.files().back(), model, adam, {}).step;
    const bool has_best = std::filesystem::exists(checkpoints.best());
    const Index best = has_best ? train::load_checkpoint(checkpoints.best(), model, adam, {}).step : 0;
    std::printf("%td, the best after step %td\n", newest, best);
    return 0;
  }
  train::CheckpointFolder checkpoints(folder / "checkpoints");
  if (!checkpoints.empty()) {
    state = checkpoints.load(model, adam, {});
  }
  const Tensor<float> frames = normal<float>({40, 1, 18, 18}, 2);
  train::FitOptions<float> options{.epochs = epochs, .batch_size = 2};
  options.augment = train::augment_reconstruction({.flip_horizontal = 0.5, .degrees = 30, .noise = 0.1});
  options.validation = train::pairs(frames, frames);
  // A step's checkpoint, but the last of an epoch, which comes with its row of the history.
  options.callbacks.push_back(
      {.batch_end =
           [&](const train::BatchReport& now) {
             if (now.state.batch < now.batches) {
               checkpoints.save(model, adam, now.state, {});
             }
           },
       .epoch_end = [&](const train::TrainingState& now, Index) { checkpoints.save(model, adam, now, {}); }});
  train::fit(model, adam, train::pairs(frames, frames), options, state);
  train::save_model(folder / "model.npz", model);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: kill_training train FOLDER EPOCHS | check FOLDER\n");
    return 2;
  }
  try {
    return run(argv[1], argv[2], argc > 3 ? std::atol(argv[3]) : 1);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "kill_training: %s\n", error.what());
    return 1;
  }
}
