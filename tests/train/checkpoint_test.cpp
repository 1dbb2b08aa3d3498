#include <engram/train/checkpoint.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <engram/io/atomic_file.hpp>
#include <engram/io/file.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/nn/linear.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/early_stopping.hpp>
#include <engram/train/exponential_moving_average.hpp>

#include "support/model_numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/small_training.hpp"
#include "support/temporary_folder.hpp"
#include "support/tied.hpp"

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

Settings settings_of(Index width) {
  Settings settings;
  settings.set("width", width);
  return settings;
}

/// Multiplies each pass in training by another random number: a function of its count of passes, as dropout is.
struct Jitter {
  std::int64_t passes = 0;
  Variable<double> operator()(const Variable<double>& x) const { return x; }
  Variable<double> operator()(const Variable<double>& x, Mode mode) {
    if (mode == Mode::eval) {
      return x;
    }
    const double factor = 1 + 0.3 * Rng(7).split(static_cast<std::uint64_t>(passes++)).normal();
    return x * Variable<double>(Tensor<double>::full(x.shape(), factor));
  }
  nn::Buffers<double> buffers() { return {{"passes", nullptr, &passes, false}}; }
};

/// A training with all that can be saved beside model and optimiser.
struct FullRun {
  using Model = nn::Sequential<double>;
  Rng rng{4};
  Model model{nn::Linear<double>({.in_features = 3, .out_features = 2}, rng), Jitter{}};
  optim::Adam<double> adam{nn::variables(model), {.lr = 0.05}};
  train::ExponentialMovingAverage<Model> average{model, 0.9};
  train::EarlyStopping<Model> stopping{model, {.patience = 3}};
  train::Dataset<double> data = support::SmallTraining::examples();
  train::FitOptions<double> options{.epochs = 60, .batch_size = 5};
  train::TrainingState state;
  Index interrupt_after = -1;

  FullRun() {
    options.micro_batch_size = 2;
    options.clip_grad_norm = 0.5;
    options.augment = [](train::Batch<double> batch, Rng random) {
      auto x = batch.inputs.value();
      for (double& v : x.elements()) {
        v += 0.05 * random.normal();
      }
      return train::Batch<double>{Variable<double>(std::move(x)), batch.targets};
    };
    options.validation = data;
    options.callbacks = {average.callback(model), stopping.callback(model)};
    options.stop = [this] { return stopping.stop() || state.step == interrupt_after; };
  }
  nn::Buffers<double> others() {
    nn::Buffers<double> all;
    nn::append(all, "average", average.buffers());
    nn::append(all, "early_stopping", stopping.buffers());
    return all;
  }
  bool fit() { return train::fit(model, adam, data, options, state); }
};

/// Two parameters of one shape, whose Adam keeps their gradients' means.
struct TwoMaps {
  Rng rng{1};
  nn::Sequential<double> model{nn::Linear<double>({.in_features = 3, .out_features = 3, .bias = false}, rng),
                               nn::Linear<double>({.in_features = 3, .out_features = 3, .bias = false}, rng)};
  std::vector<Variable<double>> first{nn::variables(model)[0]};
  std::vector<Variable<double>> second{nn::variables(model)[1]};
  train::TrainingState state;

  void step(optim::Adam<double>& adam) const {
    const Variable<double> x(normal({4, 3}, 2));
    adam.step(backward(mse_loss(model(x), x)));
  }
};

/// What Adam keeps as the mean of the gradients of its parameter `k`.
std::vector<double> mean(optim::Adam<double>& adam, std::size_t k) {
  const auto values = (*adam.slots()[1].per_parameter)[k].elements();
  return {values.begin(), values.end()};
}

/// Writes a file anew with one of its arrays replaced, or one more.
template <class T>
void replace_array(const std::filesystem::path& path, const std::string& replaced, const Tensor<T>& values) {
  const io::NpzReader old(path);
  io::NpzWriter file(path);
  for (const std::string& name : old.names()) {
    const io::Array array = old.read(name);
    if (name == replaced) {
      continue;
    }
    if (array.dtype == io::DType::text) {
      file.add(name, std::span<const std::string>(array.strings));
    } else if (array.dtype == io::DType::i64) {
      file.add(name, array.as<std::int64_t>());
    } else if (array.dtype == io::DType::f64) {
      file.add(name, array.as<double>());
    } else {
      file.add(name, array.as<float>());
    }
  }
  file.add(replaced, values);
  file.commit();
}

}  // namespace

TEST_CASE("checkpoint: moving averages, early stopping and counters that are not persistent survive to the bit") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  FullRun whole;
  CHECK_FALSE(whole.fit());
  REQUIRE(whole.stopping.stop());  // else the case checks little
  REQUIRE(whole.stopping.best_epoch() > 1);
  const Index in_an_epoch = 3 * whole.stopping.best_epoch() + 4;
  for (const Index step : {Index{2}, in_an_epoch, in_an_epoch - 1}) {
    CAPTURE(step);
    {
      FullRun first;
      first.interrupt_after = step;
      CHECK_FALSE(first.fit());
      CHECK(first.state.step == step);
      train::save_checkpoint(path, first.model, first.adam, first.state, Settings(), first.others());
    }
    FullRun second;
    second.state = train::load_checkpoint(path, second.model, second.adam, Settings(), second.others());
    CHECK_FALSE(second.fit());
    CHECK(second.state.step == whole.state.step);
    CHECK(numbers(second.model) == numbers(whole.model));
    CHECK(numbers(second.average.model()) == numbers(whole.average.model()));
    CHECK(second.stopping.best() == whole.stopping.best());
    CHECK(second.stopping.best_epoch() == whole.stopping.best_epoch());
    second.stopping.restore(second.model);
    FullRun fresh;
    whole.stopping.restore(fresh.model);
    CHECK(numbers(second.model) == numbers(fresh.model));
  }
}

TEST_CASE("checkpoint: others that the file or the program lacks are named, and nothing is changed") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  FullRun run;
  run.interrupt_after = 4;
  CHECK_FALSE(run.fit());
  train::save_checkpoint(path, run.model, run.adam, run.state, Settings(), run.others());
  FullRun other;
  const auto before = numbers(other.model);
  CHECK_THROWS_WITH_AS(
      train::load_checkpoint(path, other.model, other.adam, Settings()),
      (path.string() + ": need a place for all that the checkpoint holds, got none for others.average.0.weight")
          .c_str(),
      FormatError);
  train::save_checkpoint(path, run.model, run.adam, run.state, Settings());
  CHECK_THROWS_WITH_AS(train::load_checkpoint(path, other.model, other.adam, Settings(), other.others()),
                       (path.string() + ": need the array others.average.0.weight [2, 3], got settings, "
                                        "training.counters, training.numbers, history.columns, ...")
                           .c_str(),
                       FormatError);
  CHECK(numbers(other.model) == before);
}

TEST_CASE("checkpoint: one of another version is refused") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  io::NpzWriter file(path);
  const std::vector<std::string> none;
  file.add("settings", std::span<const std::string>(none));
  file.add("training.counters", Tensor<std::int64_t>::from({11}, {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  file.add("training.numbers", Tensor<double>::zeros({3}));
  file.commit();
  Run run;
  CHECK_THROWS_WITH_AS(train::load_checkpoint(path, run.model, run.adam, Settings()),
                       (path.string() + ": need a checkpoint of version 2, got another").c_str(), FormatError);
}

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
  second.adam.set_lr(0.5);  // the checkpoint's counts
  second.state = train::load_checkpoint(path, second.model, second.adam, settings_of(3));
  CHECK(second.adam.lr() == 1e-3);
  CHECK(second.state.step == 4);
  CHECK(second.state.batch == 1);  // within an epoch, whose loss has begun
  CHECK(second.fit());
  CHECK(numbers(second.model) == numbers(whole.model));
  CHECK(second.state.history.measured("train_loss") == whole.state.history.measured("train_loss"));
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
  CHECK_THROWS_WITH_AS(train::load_checkpoint(path, other.model, other.adam, Settings()),
                       (path.string() + ": need a checkpoint with width=none, got 3").c_str(), FormatError);
  CHECK(numbers(other.model) == before);
}

TEST_CASE("checkpoint: numbers that no training leaves behind are refused, and nothing is changed") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  const auto said = [&](const std::string& name, const auto& values) -> std::string {
    Run run;
    CHECK(run.fit());
    train::save_checkpoint(path, run.model, run.adam, run.state, Settings());
    replace_array(path, name, values);
    Run other;
    const auto before = numbers(other.model);
    std::string words = "nothing";
    try {
      train::load_checkpoint(path, other.model, other.adam, Settings());
    } catch (const FormatError& error) {
      words = error.what();
    }
    CHECK(numbers(other.model) == before);
    CHECK(words.starts_with(path.string() + ": "));
    return words.substr(path.string().size() + 2);
  };
  CHECK(said("optimizer.lr", Tensor<double>::full({}, -1)) == "need a finite optimizer.lr >= 0, got -1");
  CHECK(said("optimizer.lr", Tensor<double>::full({2}, 1)) == "need optimizer.lr [], got [2]");
  CHECK(said("training.counters", Tensor<std::int64_t>::from({11}, {2, 0, 0, 0, 1, -5, 0, 0, 0, 0, 0})) ==
        "need counters from 0 to 9007199254740992, got -5 in training.counters, place 5");
  for (const std::int64_t steps : {INT64_MIN, std::int64_t{-1}, INT64_MAX}) {
    CHECK(said("optimizer.steps", Tensor<std::int64_t>::full({}, steps)) ==
          text("need counters from 0 to 9007199254740992, got ", steps, " in optimizer.steps"));
  }
  CHECK(said("training.counters", Tensor<std::int64_t>::from({11}, {2, 0, 0, 0, 0, 0, INT64_MAX, 0, 0, 0, 0})) ==
        text("need counters from 0 to 9007199254740992, got ", INT64_MAX, " in training.counters, place 6"));
  CHECK(said("training.counters", Tensor<std::int64_t>::from({11}, {2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}))
            .starts_with("need a history of 7 epochs, got "));
  CHECK(said("model.another", Tensor<float>::zeros({3})) ==
        "need a place for all that the checkpoint holds, got none for model.another");
}

TEST_CASE("checkpoint: a model that is not finite does not take the place of one that is") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  Run run;
  train::save_checkpoint(path, run.model, run.adam, run.state, Settings());
  const std::string whole = io::read_text(path);
  run.model.parameters()[0].variable.mutable_value()[0] = INFINITY;
  CHECK_THROWS_WITH_AS(train::save_checkpoint(path, run.model, run.adam, run.state, Settings()),
                       "save_checkpoint: need a model of finite numbers, got inf in encoder.0.weight", ArgumentError);
  CHECK(io::read_text(path) == whole);
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
  const auto& weight = run.model.parameters().front().variable.value();
  const std::string bytes(reinterpret_cast<const char*>(weight.data()), weight.elements().size_bytes());
  const std::size_t position = whole.find(bytes);
  REQUIRE(position != std::string::npos);
  altered[position + bytes.size() / 2] ^= 1;
  io::write_atomically(path, altered);
  CHECK_THROWS_AS(train::load_checkpoint(path, other.model, other.adam, settings_of(3)), FormatError);
  CHECK(numbers(other.model) == before);
}

TEST_CASE("checkpoint: a folder that is not there is named, and an old checkpoint stays") {
  Run run;
  CHECK_THROWS_WITH_AS(train::save_checkpoint("/no/such/folder/c.npz", run.model, run.adam, run.state, Settings()),
                       "/no/such/folder/c.npz: cannot be written: No such file or directory", IoError);
}

TEST_CASE("checkpoint: what an optimiser keeps goes to the parameter it is of, whatever the order of the groups") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  TwoMaps run;
  optim::Adam<double> saved({{run.first, {.lr = 0.1}}, {run.second, {.lr = 0.1}}});
  run.step(saved);
  REQUIRE(mean(saved, 0) != mean(saved, 1));
  train::save_checkpoint(path, run.model, saved, run.state, Settings());
  optim::Adam<double> loaded({{run.second, {.lr = 0.1}}, {run.first, {.lr = 0.1}}});
  train::load_checkpoint(path, run.model, loaded, Settings());
  CHECK(mean(loaded, 0) == mean(saved, 1));
  CHECK(mean(loaded, 1) == mean(saved, 0));
  train::save_checkpoint(path, run.model, loaded, run.state, Settings());
  const io::NpzReader file(path);
  const auto kept = file.read("optimizer.exp_avg.0.weight").as<double>();
  CHECK(std::ranges::equal(kept.elements(), mean(saved, 0)));
}

TEST_CASE("checkpoint: an optimiser of a part of the model is saved with it") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  TwoMaps run;
  optim::Adam<double> saved(run.second);
  run.step(saved);
  train::save_checkpoint(path, run.model, saved, run.state, Settings());
  TwoMaps other;
  optim::Adam<double> loaded(other.second);
  train::load_checkpoint(path, other.model, loaded, Settings());
  CHECK(mean(loaded, 0) == mean(saved, 0));
  CHECK(loaded.steps() == 1);
  CHECK(numbers(other.model) == numbers(run.model));
}

TEST_CASE("checkpoint: an optimiser of fewer parameters than it was saved with is refused, nothing is changed") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  TwoMaps run;
  optim::Adam<double> saved(nn::variables(run.model));
  run.step(saved);
  train::save_checkpoint(path, run.model, saved, run.state, Settings());
  TwoMaps other;
  const auto before = numbers(other.model);
  optim::Adam<double> part(other.second);
  CHECK_THROWS_WITH_AS(
      train::load_checkpoint(path, other.model, part, Settings()),
      (path.string() + ": need a place for all that the checkpoint holds, got none for optimizer.step.0.weight")
          .c_str(),
      FormatError);
  CHECK(numbers(other.model) == before);
  CHECK(part.steps() == 0);
}

TEST_CASE("checkpoint: an optimiser of another model is refused") {
  const TemporaryFolder folder;
  TwoMaps run;
  TwoMaps other;
  optim::Adam<double> adam({{run.first, {.lr = 0.1}}, {other.second, {.lr = 0.1}}});
  CHECK_THROWS_WITH_AS(train::save_checkpoint(folder / "checkpoint.npz", run.model, adam, run.state, Settings()),
                       "checkpoint: need an optimiser of the model's parameters, got one whose parameter 1 [3, 3] is "
                       "none of them",
                       ArgumentError);
}

TEST_CASE("checkpoint: a model that has two names for one parameter is trained, saved and loaded") {
  const TemporaryFolder folder;
  const auto path = folder / "checkpoint.npz";
  const auto x = normal({8, 1}, 1);
  const train::Dataset<double> data = train::pairs(x, x);
  const train::FitOptions<double> options{.epochs = 2, .batch_size = 4, .clip_grad_norm = 1};
  support::Tied model;
  optim::Adam<double> adam(nn::variables(model), {.lr = 0.1});
  train::TrainingState state;
  CHECK(train::fit(model, adam, data, options, state));
  train::save_checkpoint(path, model, adam, state, Settings());
  support::Tied other;
  optim::Adam<double> loaded(nn::variables(other));
  CHECK(train::load_checkpoint(path, other, loaded, Settings()).step == 4);
  CHECK(numbers(other) == numbers(model));
  CHECK(other.weight.variable().value().item() != 2);
  CHECK(mean(loaded, 0) == mean(adam, 0));
}
