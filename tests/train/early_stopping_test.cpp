#include <engram/train/early_stopping.hpp>

#include <doctest/doctest.h>

#include <engram/models/direction_tagger.hpp>

#include "support/small_training.hpp"

using namespace engram;
using Model = nn::Sequential<double>;

namespace {

/// A model of one number.
Model constant(double value) {
  Rng rng(1);
  Model model(nn::Linear<double>({.in_features = 1, .out_features = 1, .bias = false}, rng));
  model.parameters()[0].variable.mutable_value()[0] = value;
  return model;
}
double number(const Model& model) {
  return model.parameters()[0].variable.value()[0];
}

/// A training whose epochs end with the values that are added.
struct Epochs {
  train::TrainingState state;
  Model model = constant(0);

  explicit Epochs(std::vector<std::string> metrics = {}) { state.history = train::History(std::move(metrics)); }

  /// The model's number becomes the epoch's.
  void add(train::EarlyStopping<Model>& stopping, double validation_loss, std::vector<double> metrics = {}) {
    ++state.epoch;
    std::vector<double> row{static_cast<double>(state.epoch), 0, 0, 0, validation_loss, 0, 0};
    row.insert(row.end(), metrics.begin(), metrics.end());
    state.history.add(row);
    model.parameters()[0].variable.mutable_value()[0] = static_cast<double>(state.epoch);
    stopping.update(model, state);
  }
};

}  // namespace

TEST_CASE("EarlyStopping: stops after `patience` validations without a new best, and gives the best model back") {
  Epochs run;
  train::EarlyStopping stopping(run.model, {.patience = 2});
  CHECK(std::isnan(stopping.best()));
  for (const double loss : {5.0, 3.0, 4.0, 2.0, 2.0}) {
    run.add(stopping, loss);
    CHECK_FALSE(stopping.stop());
  }
  run.add(stopping, NAN);  // not validated: does not count
  CHECK_FALSE(stopping.stop());
  run.add(stopping, 2.5);
  CHECK(stopping.stop());
  CHECK(stopping.best() == 2);
  CHECK(stopping.best_epoch() == 4);
  const auto* node = run.model.parameters()[0].variable.node();
  stopping.restore(run.model);
  CHECK(number(run.model) == 4);
  CHECK(run.model.parameters()[0].variable.node() == node);
}

TEST_CASE("EarlyStopping: min_delta is what an improvement must exceed") {
  Epochs run;
  train::EarlyStopping stopping(run.model, {.patience = 2, .min_delta = 0.5});
  run.add(stopping, 3);
  run.add(stopping, 2.5);
  CHECK(stopping.best_epoch() == 1);
  run.add(stopping, 2.25);
  CHECK(stopping.best_epoch() == 3);
}

TEST_CASE("EarlyStopping: watches any column, where more may be better") {
  Epochs run({"psnr"});
  train::EarlyStopping stopping(run.model, {.watch = "psnr", .better = train::Better::higher, .patience = 1});
  run.add(stopping, 1, {20});
  run.add(stopping, 9, {21});
  CHECK_FALSE(stopping.stop());
  run.add(stopping, 0, {20.5});
  CHECK(stopping.stop());
  CHECK(stopping.best() == 21);
}

TEST_CASE("EarlyStopping: impossible options and unknown columns are named") {
  Epochs run;
  CHECK_THROWS_WITH_AS(train::EarlyStopping<Model>(run.model, {.patience = 0}),
                       "EarlyStopping: need patience >= 1 and min_delta >= 0, got 0 and 0", ArgumentError);
  train::EarlyStopping stopping(run.model, {.watch = "psnr"});
  CHECK_THROWS_WITH_AS(
      run.add(stopping, 1),
      "History: need one of the columns epoch, step, lr, train_loss, validation_loss, seconds, images_per_second, "
      "got psnr",
      ArgumentError);
}

TEST_CASE("EarlyStopping: ends fit right after the epoch, and the best epoch's model is as good as it was") {
  support::SmallTraining run;
  run.options.epochs = 100;
  run.options.validation = run.training;
  run.adam.set_lr(1.5);  // jumps about
  train::EarlyStopping stopping(run.model, {.patience = 2});
  run.options.callbacks.push_back(stopping.callback(run.model));
  run.options.stop = [&] { return stopping.stop(); };
  CHECK_FALSE(run.fit());
  CHECK(run.state.epoch == stopping.best_epoch() + 2);
  CHECK(run.state.batch == 0);
  stopping.restore(run.model);
  CHECK(train::evaluate(run.model, run.training, run.options) == stopping.best());
}

TEST_CASE("EarlyStopping: buffers hold all that it knows") {
  Epochs run;
  train::EarlyStopping first(run.model, {.patience = 2});
  for (const double loss : {5.0, 0.1, 4.0}) {
    run.add(first, loss);
  }
  train::EarlyStopping second(constant(0), {.patience = 2});
  nn::detail::copy_values("test", first.buffers(), second.buffers());
  CHECK(second.best() == 0.1);
  CHECK(second.best_epoch() == 2);
  CHECK_FALSE(second.stop());
  run.add(second, 3);
  CHECK(second.stop());
  second.restore(run.model);
  CHECK(number(run.model) == 2);
}

TEST_CASE("EarlyStopping: without a measurement there is nothing to restore") {
  Epochs run;
  train::EarlyStopping stopping(run.model);
  run.model.parameters()[0].variable.mutable_value()[0] = 7;
  CHECK_THROWS_WITH_AS(
      stopping.restore(run.model),
      "EarlyStopping: need a measured validation_loss to know the best model by, got none: fit needs a "
      "validation set and this object's callback",
      ArgumentError);
  CHECK(number(run.model) == 7);
}
