#include <engram/train/overfit.hpp>

#include <doctest/doctest.h>

#include <limits>

#include "support/numbers.hpp"
#include "support/small_training.hpp"

using namespace engram;

namespace {

const std::vector<Index> first_four{0, 1, 2, 3};

/// Adam of this rate.
auto adam(double lr) {
  return
      [lr](std::vector<Variable<double>> parameters) { return optim::Adam<double>(std::move(parameters), {.lr = lr}); };
}

}  // namespace

TEST_CASE("overfit_one_batch: passes as soon as the loss is a tenth, and leaves the model as it was") {
  support::SmallTraining run;
  const auto before = list(run.model.parameters()[0].variable.value());
  const auto batch = run.training.batch(first_four);
  const auto report = train::overfit_one_batch(run.model, adam(0.05), batch);
  CHECK(report.passed());
  CHECK(report.first_loss == mse_loss(run.model(batch.inputs), batch.targets).value().item());
  CHECK(report.last_loss <= 0.1 * report.first_loss);
  CHECK(report.steps > 1);
  CHECK(report.steps < 200);
  CHECK(list(run.model.parameters()[0].variable.value()) == before);
}

TEST_CASE("overfit_one_batch: does not pass where the loss stays") {
  support::SmallTraining run;
  const auto report = train::overfit_one_batch(run.model, adam(1e-6), run.training.batch(first_four), {.steps = 5});
  CHECK_FALSE(report.passed());
  CHECK(report.steps == 5);
  const auto broken = train::overfit_one_batch(run.model, adam(std::numeric_limits<double>::infinity()),
                                               run.training.batch(first_four));
  CHECK_FALSE(broken.passed());
  CHECK(broken.steps == 1);
}

TEST_CASE("overfit_one_batch: says in one sentence what came of it") {
  CHECK(train::OverfitReport{.first_loss = 1.25, .last_loss = 0.12, .target = 0.125, .steps = 37}.text() ==
        "the loss on one batch went from 1.25 to 0.12 in 37 steps: the model can learn it");
  CHECK(train::OverfitReport{.first_loss = 1.25, .last_loss = 1, .target = 0.125, .steps = 200}.text() ==
        "the loss on one batch went from 1.25 to 1 in 200 steps, not to 0.125: try other learning rates and more "
        "steps, and look for frozen parameters, inputs that do not belong to their targets, and targets that the last "
        "layer cannot reach");
  CHECK(train::OverfitReport{.first_loss = 1.25, .last_loss = INFINITY, .target = 0.125, .steps = 3}.text() ==
        "the loss on one batch went from 1.25 to inf in 3 steps: try a lower learning rate, and look for targets that "
        "are not finite");
}

TEST_CASE("overfit_one_batch: impossible options are named") {
  support::SmallTraining run;
  CHECK_THROWS_WITH_AS(
      train::overfit_one_batch(run.model, adam(0.1), run.training.batch(first_four), {.target_ratio = 1}),
      "overfit_one_batch: need steps >= 1 and 0 < target_ratio < 1, got 200 and 1", ArgumentError);
}

TEST_CASE("overfit_one_batch: a loss that does not begin above 0 is refused") {
  support::SmallTraining run;
  for (const double first : {0.0, -1.5}) {
    train::OverfitOptions<double> options;
    options.loss = [&](const auto&, const auto&) { return Variable<double>(Tensor<double>::full({}, first)); };
    CHECK_THROWS_WITH_AS(train::overfit_one_batch(run.model, adam(0.1), run.training.batch(first_four), options),
                         text("overfit_one_batch: need a loss whose smallest value is 0 and a model that is not there "
                              "yet, got a first loss of ",
                              first)
                             .c_str(),
                         ArgumentError);
  }
}
