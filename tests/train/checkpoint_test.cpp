#include <engram/train/checkpoint.hpp>

#include <doctest/doctest.h>

#include <engram/io/file.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/optim/adam.hpp>

#include "support/random_tensor.hpp"
#include "support/small_training.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

/// A small autoencoder with batch norm, trained on 20 random frames.
struct Run {
  Rng rng{4};
  models::ConvAutoencoder<float> model{{.image_height = 18, .image_width = 18, .latent_dim = 3, .width = 3}, rng};
  optim::Adam<float> adam{nn::variables(model), {.lr = 1e-3}};
  train::Dataset<float> data = train::pairs(normal<float>({20, 1, 18, 18}, 5), normal<float>({20, 1, 18, 18}, 6));
  train::FitOptions<float> options{.epochs = 3, .batch_size = 8};
  train::TrainingState state;

  bool fit() { return train::fit(model, adam, data, options, state); }
};

/// All numbers of the model, parameters and buffers, one after another.
std::vector<double> numbers(models::ConvAutoencoder<float>& model) {
  std::vector<double> all;
  train::detail::for_each_state(
      model,
      [&](const std::string&, const Tensor<float>& values) {
        all.insert(all.end(), values.elements().begin(), values.elements().end());
      },
      [&](const std::string&, std::int64_t count) { all.push_back(static_cast<double>(count)); });
  return all;
}

Settings settings_of(Index width) {
  Settings settings;
  settings.set("width", width);
  return settings;
}

}  // namespace

TEST_CASE("checkpoint: a training that goes on from it ends in the same bits") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  Run whole;
  CHECK(whole.fit());
  {
    Run first;
    first.state.rng = whole.state.rng;
    first.options.stop = [&] { return first.state.step == 4; };
    CHECK_FALSE(first.fit());
    train::save_checkpoint(path, first.model, first.adam, first.state, settings_of(3));
  }
  Run second;
  second.state = train::load_checkpoint(path, second.model, second.adam, settings_of(3));
  CHECK(second.state.step == 4);
  CHECK(second.fit());
  CHECK(numbers(second.model) == numbers(whole.model));
  CHECK(second.state.history.last("train_loss") == whole.state.history.last("train_loss"));
}

TEST_CASE("checkpoint: other settings are named, and nothing is changed") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  Run run;
  CHECK(run.fit());
  train::save_checkpoint(path, run.model, run.adam, run.state, settings_of(3));
  Run other;
  const auto before = numbers(other.model);
  CHECK_THROWS_WITH_AS(train::load_checkpoint(path, other.model, other.adam, settings_of(4)),
                       (path.string() + ": need a checkpoint with width=4, got 3").c_str(), FormatError);
  CHECK(numbers(other.model) == before);
}

TEST_CASE("checkpoint: one of another architecture changes nothing") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  Run run;
  CHECK(run.fit());
  train::save_checkpoint(path, run.model, run.adam, run.state, settings_of(3));
  Rng rng(7);
  models::ConvAutoencoder<float> wider({.image_height = 18, .image_width = 18, .latent_dim = 3, .width = 5}, rng);
  optim::Adam<float> adam(nn::variables(wider));
  const auto before = numbers(wider);
  CHECK_THROWS_WITH_AS(train::load_checkpoint(path, wider, adam, settings_of(3)),
                       (path.string() + ": need model.encoder.0.weight [5, 1, 3, 3], got [3, 1, 3, 3]").c_str(),
                       FormatError);
  CHECK(numbers(wider) == before);
  CHECK(adam.steps() == 0);
}

TEST_CASE("checkpoint: a cut or altered file is refused, and nothing is changed") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  Run run;
  CHECK(run.fit());
  train::save_checkpoint(path, run.model, run.adam, run.state, settings_of(3));
  const std::string whole = io::read_text(path);
  Run other;
  const auto before = numbers(other.model);
  for (const std::size_t size : {std::size_t{0}, std::size_t{10}, whole.size() / 2, whole.size() - 1}) {
    io::write_atomically(path, whole.substr(0, size));
    CHECK_THROWS_AS(train::load_checkpoint(path, other.model, other.adam, settings_of(3)), FormatError);
  }
  std::string altered = whole;
  altered[whole.size() / 2] ^= 1;
  io::write_atomically(path, altered);
  CHECK_THROWS_AS(train::load_checkpoint(path, other.model, other.adam, settings_of(3)), FormatError);
  CHECK(numbers(other.model) == before);
}

TEST_CASE("checkpoint: a folder that is not there is named, and an old checkpoint stays") {
  Run run;
  CHECK_THROWS_WITH_AS(train::save_checkpoint("/no/such/folder/c.npz", run.model, run.adam, run.state, Settings()),
                       "/no/such/folder/c.npz: cannot be written: No such file or directory", IoError);
}
