#include <engram/train/fit.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include <engram/nn/batch_norm.hpp>
#include <engram/nn/freeze.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/small_training.hpp"

using namespace engram;

TEST_CASE("fit: learns a linear map from its examples") {
  support::SmallTraining run;
  run.options.epochs = 60;
  run.options.validation = run.training;
  CHECK(run.fit());
  CHECK(run.state.history.rows().size() == 60);
  CHECK(run.state.history.last("validation_loss") < 0.01 * run.state.history.rows().front()[3]);
}

TEST_CASE("fit: each epoch sees each example once, in another order") {
  std::vector<std::vector<Index>> epochs;
  support::SmallTraining run;
  run.options.epochs = 2;
  run.options.batch_size = 4;
  const auto inner = run.training.batch;
  std::vector<Index> seen;
  run.training.batch = [&](std::span<const Index> items) {
    seen.insert(seen.end(), items.begin(), items.end());
    return inner(items);
  };
  run.options.callbacks.push_back(
      {.epoch_end = [&](const train::TrainingState&, Index) { epochs.push_back(std::exchange(seen, {})); }});
  CHECK(run.fit());
  REQUIRE(epochs.size() == 2);
  CHECK(epochs[0] != epochs[1]);
  for (auto& items : epochs) {
    std::ranges::sort(items);
    REQUIRE(std::ssize(items) == run.training.size);
    for (Index i = 0; i < std::ssize(items); ++i) {
      CHECK(items[static_cast<std::size_t>(i)] == i);
    }
  }
}

TEST_CASE("fit: the loss of an epoch is the mean over its examples, whatever the size of the last batch") {
  support::SmallTraining run;
  run.options.epochs = 2;
  run.options.batch_size = 7;
  run.adam.set_lr(0);  // the model stays as it is
  const double expected = train::evaluate(run.model, run.training, run.options);
  CHECK(run.fit());
  const auto losses = run.state.history.measured("train_loss");
  REQUIRE(losses.size() == 2);
  CHECK(losses[0] == doctest::Approx(expected).epsilon(1e-12));
  CHECK(losses[1] == doctest::Approx(expected).epsilon(1e-12));
}

TEST_CASE("fit: stopped anywhere and gone on with, it ends in the same bits") {
  support::SmallTraining whole;
  whole.options.schedule = optim::OneCycleLR{.max_lr = 0.05};
  CHECK(whole.fit());
  for (const Index stop_after : {1, 3, 4, 5, 8}) {  // 4 batches an epoch: within, at the end, at the start of one
    CAPTURE(stop_after);
    support::SmallTraining run;
    run.options.schedule = whole.options.schedule;
    Index stopped = 0;
    run.options.callbacks.push_back({.stopped = [&](const train::TrainingState&) { ++stopped; }});
    run.options.stop = [&] { return run.state.step == stop_after; };
    CHECK_FALSE(run.fit());
    CHECK(stopped == 1);
    CHECK(run.state.step == stop_after);
    run.options.stop = {};
    CHECK(run.fit());
    CHECK(std::ranges::equal(run.weight(), whole.weight()));
    CHECK(run.state.history.rows().size() == whole.state.history.rows().size());
    CHECK(run.state.history.last("train_loss") == whole.state.history.last("train_loss"));
  }
}

TEST_CASE("fit: a stop that is asked for after the very last batch is no stop") {
  support::SmallTraining run;
  run.options.epochs = 1;
  run.options.stop = [&] { return run.state.step == 4; };
  CHECK(run.fit());
  CHECK(run.state.history.rows().size() == 1);
}

TEST_CASE("fit: a stop that is asked for after an epoch costs no batch of the next one") {
  support::SmallTraining run;
  bool enough = false;
  std::vector<Index> stopped_at;
  run.options.callbacks.push_back(
      {.epoch_end = [&](const train::TrainingState& state, Index) { enough = state.epoch == 2; },
       .stopped = [&](const train::TrainingState& state) { stopped_at.push_back(state.step); }});
  run.options.stop = [&] { return enough; };
  CHECK_FALSE(run.fit());
  CHECK(run.state.epoch == 2);
  CHECK(run.state.batch == 0);
  CHECK(run.state.step == 8);
  CHECK(stopped_at == std::vector<Index>{8});
  CHECK_FALSE(run.fit());  // still wanted: nothing moves
  CHECK(run.state.step == 8);
  enough = false;
  support::SmallTraining whole;
  CHECK(whole.fit());
  CHECK(run.fit());
  CHECK(std::ranges::equal(run.weight(), whole.weight()));
}

TEST_CASE("fit: a stop that is asked for after the last epoch is no stop") {
  support::SmallTraining run;
  run.options.stop = [&] { return run.state.epoch == 3; };
  CHECK(run.fit());
}

TEST_CASE("fit: schedules see the validation losses so far, after a resume too; without validation the training's") {
  for (const bool validates : {true, false}) {
    CAPTURE(validates);
    std::vector<std::vector<double>> seen;
    support::SmallTraining run;
    run.options.epochs = 4;
    run.options.validate_every = 2;
    if (validates) {
      run.options.validation = run.training;
    }
    run.options.schedule = [&](double base, const optim::Moment& moment) {
      seen.emplace_back(moment.metrics.begin(), moment.metrics.end());
      return base;
    };
    run.options.stop = [&] { return run.state.step == 14; };
    CHECK_FALSE(run.fit());
    run.options.stop = {};
    CHECK(run.fit());
    const auto& rows = run.state.history.rows();
    const auto so_far = [&](Index epochs) {
      std::vector<double> losses;
      for (Index epoch = 0; epoch < epochs; ++epoch) {
        if (!validates || epoch == 1 || epoch == 3) {
          losses.push_back(rows[static_cast<std::size_t>(epoch)][validates ? 4 : 3]);
        }
      }
      return losses;
    };
    REQUIRE(seen.size() == 16);
    for (Index step = 0; step < 16; ++step) {
      CHECK(seen[static_cast<std::size_t>(step)] == so_far(step / 4));
    }
  }
}

TEST_CASE("fit: schedules see the column that is to be watched, such as a metric of which more is better") {
  support::SmallTraining run;
  run.options.epochs = 4;
  double accuracy = 0;
  run.options.metrics.push_back({"accuracy", [&] { return accuracy = std::min(accuracy + 1, 2.0); }});
  run.options.schedule = optim::ReduceLROnPlateau{.mode = optim::PlateauMode::max, .factor = 0.5, .patience = 0};
  run.options.watch = "accuracy";
  CHECK(run.fit());
  std::vector<double> rates;
  for (const auto& row : run.state.history.rows()) {
    rates.push_back(row[2]);
  }
  CHECK(rates == std::vector<double>{0.05, 0.05, 0.05, 0.025});  // seen: nothing; 1; 1, 2; 1, 2, 2
}

TEST_CASE("fit: a column to be watched that there is not is named before training begins") {
  support::SmallTraining run;
  run.options.watch = "accuracy";
  CHECK_THROWS_WITH_AS(
      run.fit(),
      "History: need one of the columns epoch, step, lr, train_loss, validation_loss, seconds, images_per_second, "
      "got accuracy",
      ArgumentError);
  CHECK(run.state.step == 0);
}

TEST_CASE("fit: validates every n epochs and at the end; other rows say nan") {
  support::SmallTraining run;
  run.options.epochs = 5;
  run.options.validate_every = 2;
  run.options.validation = run.training;
  int measured = 0;
  run.options.metrics.push_back({"count", [&] { return static_cast<double>(++measured); }});
  CHECK(run.fit());
  const auto& rows = run.state.history.rows();
  for (std::size_t epoch = 1; epoch <= 5; ++epoch) {
    const bool expected = epoch % 2 == 0 || epoch == 5;
    CHECK(std::isfinite(rows[epoch - 1][4]) == expected);
    CHECK(std::isfinite(rows[epoch - 1][7]) == expected);
  }
  CHECK(measured == 3);
}

TEST_CASE("fit: the schedule is asked with the step and the number of all steps") {
  support::SmallTraining run;
  run.options.epochs = 2;
  std::vector<Index> steps;
  run.options.schedule = [&](double base, const optim::Moment& m) {
    CHECK(base == 0.05);
    CHECK(m.steps == 8);
    CHECK(m.epoch == m.step / 4);
    steps.push_back(m.step);
    return base;
  };
  CHECK(run.fit());
  CHECK(steps == std::vector<Index>{0, 1, 2, 3, 4, 5, 6, 7});
}

TEST_CASE("fit: a loss that is not finite ends the training, naming epoch and batch") {
  support::SmallTraining run;
  run.options.loss = [&](const Variable<double>& y, const Variable<double>& t) {
    const double factor = run.state.step == 5 ? NAN : 1;
    return mse_loss(y, t) * Variable<double>(Tensor<double>::full({}, factor));
  };
  CHECK_THROWS_WITH_AS(run.fit(),
                       "fit: need a finite loss, got nan in epoch 2, batch 2; the first that is not finite is the "
                       "output of mul, []; a lower learning rate may help",
                       Error);
  CHECK(run.state.step == 5);
}

TEST_CASE("fit: the first layer whose output is not finite is named, a parameter, or the example") {
  const auto said = [](support::SmallTraining& run) -> std::string {
    try {
      run.fit();
    } catch (const Error& error) {
      const std::string all = error.what();
      const std::string before = "the first that is not finite is ";
      return all.substr(all.find(before) + before.size());
    }
    return "nothing";
  };
  support::SmallTraining large;
  for (double& weight : large.model.parameters()[0].variable.mutable_value().elements()) {
    weight = 1e308;
  }
  CHECK(said(large) == "the output of linear with 0.weight, 0.bias, [4, 2]; a lower learning rate may help");
  support::SmallTraining broken;
  broken.model.parameters()[1].variable.mutable_value()[0] = NAN;
  CHECK(said(broken) == "the parameter 0.bias, [2]; a lower learning rate may help");
  support::SmallTraining examples;
  auto x = normal({16, 3}, 3);
  x[3 * 11 + 2] = INFINITY;
  examples.training = train::pairs(x, normal({16, 2}, 4));
  CHECK(said(examples) == "the input of the training example 11, which has inf");
  support::SmallTraining validation;
  auto y = normal({16, 2}, 4);
  y[2 * 7] = NAN;
  validation.options.validation = train::pairs(normal({16, 3}, 3), y);
  CHECK(said(validation) == "the target of the validation example 7, which has nan");
  // An augmentation may make of a batch what has not one row for each example.
  support::SmallTraining whole;
  whole.options.augment = [](train::Batch<double> batch, Rng) {
    return train::Batch<double>{batch.inputs, Variable<double>(Tensor<double>::full({1}, NAN))};
  };
  whole.options.loss = [](const Variable<double>& output, const Variable<double>& target) {
    return mean(output) * mean(target);
  };
  CHECK(said(whole) == "the output of mul, []; a lower learning rate may help");
}

TEST_CASE("fit: what the last step of an epoch breaks ends the training before the epoch is reported") {
  support::SmallTraining run;
  run.options.epochs = 1;
  run.adam.set_lr(std::numeric_limits<double>::infinity());
  bool reported = false;
  run.options.callbacks.push_back({.epoch_end = [&](const train::TrainingState&, Index) { reported = true; }});
  run.options.batch_size = 16;  // one step
  CHECK_THROWS_WITH_AS(run.fit(),
                       "fit: need finite parameters and buffers, got -inf in 0.weight in epoch 1, after batch 1; a "
                       "lower learning rate may help",
                       Error);
  CHECK_FALSE(reported);
}

TEST_CASE("fit: what the last step has broken is not handed to those who save when a stop is asked for") {
  support::SmallTraining run;
  run.options.schedule = [&](double base, const auto& m) { return m.step == 5 ? INFINITY : base; };
  run.options.stop = [&] { return run.state.step == 6; };
  bool saved = false;
  run.options.callbacks.push_back({.stopped = [&](const train::TrainingState&) { saved = true; }});
  CHECK_THROWS_AS(run.fit(), Error);
  CHECK(run.state.step == 6);
  CHECK_FALSE(saved);
}

TEST_CASE("fit: buffers that are not finite end the training as parameters do") {
  support::SmallTraining run;
  nn::Sequential<double> model{nn::BatchNorm1d<double>(3),
                               nn::Linear<double>({.in_features = 3, .out_features = 2}, run.rng)};
  optim::Adam<double> adam(nn::variables(model), {.lr = 0.01});
  auto x = normal({16, 3}, 3);
  for (double& value : x.elements()) {
    value *= 1e200;  // whose squares are too large
  }
  run.training = train::pairs(x, normal({16, 2}, 4));
  std::string said;
  try {
    train::fit(model, adam, run.training, run.options, run.state);
  } catch (const Error& error) {
    said = error.what();
  }
  CHECK(said.find("running_var") != said.npos);
}

TEST_CASE("fit: a validation that fails can be done again, and the epoch counts once") {
  support::SmallTraining run;
  bool fails = true;
  run.options.metrics = {{"score", [&] {
                            ensure<Error>(!std::exchange(fails, false), "not now");
                            return 1.0;
                          }}};
  CHECK_THROWS_WITH(run.fit(), "not now");
  CHECK(run.state.epoch == 0);
  CHECK(run.fit());
  support::SmallTraining whole;
  whole.fit();
  CHECK(run.state.history.rows().size() == 3);
  CHECK(run.state.step == whole.state.step);
  CHECK(std::ranges::equal(run.weight(), whole.weight()));
}

TEST_CASE("fit: an optimiser that was made for another model is refused") {
  support::SmallTraining run;
  support::SmallTraining other;
  CHECK_THROWS_WITH_AS(train::fit(run.model, other.adam, run.training, run.options, run.state),
                       "Adam: need a gradient of one of its 2 parameters, got none: it was made for another model, "
                       "NoGrad is on, or all are frozen",
                       ArgumentError);
}

TEST_CASE("fit: another batch size or training set than before is refused") {
  support::SmallTraining run;
  run.options.epochs = 1;
  CHECK(run.fit());
  run.options.epochs = 2;
  run.options.batch_size = 8;
  CHECK_THROWS_WITH_AS(run.fit(),
                       "fit: need the batch size 4 and the 16 training examples that this training began with, got 8 "
                       "and 16",
                       ArgumentError);
}

TEST_CASE("fit: a state that no training leaves behind is refused") {
  support::SmallTraining run;
  CHECK(run.fit());
  run.options.epochs = 9;
  run.state.batch = 5;
  CHECK_THROWS_WITH_AS(run.fit(), "fit: need a state within an epoch of 4 batches, got epoch 3, batch 5",
                       ArgumentError);
  run.state.batch = -1;
  CHECK_THROWS_AS(run.fit(), ArgumentError);
}

TEST_CASE("fit: options that cannot be followed are named") {
  support::SmallTraining run;
  run.options.micro_batch_size = -1;
  CHECK_THROWS_WITH_AS(
      run.fit(), "fit: need micro_batch_size and clip_grad_norm >= 0, where 0 means none, got -1 and 0", ArgumentError);
  run.options.micro_batch_size = 0;
  run.options.clip_grad_norm = -0.5;
  CHECK_THROWS_WITH_AS(run.fit(),
                       "fit: need micro_batch_size and clip_grad_norm >= 0, where 0 means none, got 0 and -0.5",
                       ArgumentError);
}

TEST_CASE("fit: frozen parameters stay as they are under an optimiser of all") {
  support::SmallTraining run;
  nn::freeze(run.model, "0.bias");
  const auto bias = list(run.model.parameters()[1].variable.value());
  const std::vector<double> weight(run.weight().begin(), run.weight().end());
  CHECK(run.fit());
  CHECK(list(run.model.parameters()[1].variable.value()) == bias);
  CHECK_FALSE(std::ranges::equal(run.weight(), weight));
}

TEST_CASE("fit: the state of another training is refused") {
  support::SmallTraining run;
  CHECK(run.fit());
  support::SmallTraining other;
  other.state = run.state;
  CHECK_THROWS_WITH_AS(other.fit(),
                       "fit: need the optimiser that this training of 12 steps has used, got one without a step: a new "
                       "training needs a new TrainingState",
                       ArgumentError);
}
