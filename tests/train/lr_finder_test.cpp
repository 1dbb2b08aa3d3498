#include <engram/train/lr_finder.hpp>

#include <doctest/doctest.h>

#include <engram/train/fit.hpp>

#include "support/numbers.hpp"
#include "support/small_training.hpp"

using namespace engram;

namespace {

/// Plain gradient descent, of which theory says where it diverges.
class Descent {
 public:
  explicit Descent(std::vector<Variable<double>> parameters) : parameters_(std::move(parameters)) {}
  void step(const Gradients<double>& gradients) {
    for (auto& p : parameters_) {
      for (Index i = 0; i < p.value().size(); ++i) {
        p.mutable_value()[i] -= lr_ * gradients[p][i];
      }
    }
  }
  double lr() const { return lr_; }
  void set_lr(double lr) { lr_ = lr; }
  std::int64_t& steps() { return steps_; }
  optim::Slots<double> slots() { return {}; }

 private:
  std::vector<Variable<double>> parameters_;
  double lr_ = 0;
  std::int64_t steps_ = 0;
};

constexpr auto descent = [](std::vector<Variable<double>> parameters) { return Descent(std::move(parameters)); };

}  // namespace

TEST_CASE("find_learning_rate: sweeps the rates evenly in their logarithm until the loss explodes") {
  support::SmallTraining run;
  const auto before = list(run.model.parameters()[0].variable.value());
  const auto curve = train::find_learning_rate(run.model, descent, run.training, run.options,
                                               {.min_lr = 1e-4, .max_lr = 1e4, .steps = 81});
  REQUIRE(curve.rates.size() > 20);
  REQUIRE(curve.rates.size() < 81);
  CHECK(curve.losses.size() == curve.rates.size());
  CHECK(curve.smoothed.size() == curve.rates.size());
  CHECK(curve.rates.front() == 1e-4);
  for (std::size_t i = 1; i < curve.rates.size(); ++i) {
    CHECK(curve.rates[i] / curve.rates[i - 1] == doctest::Approx(std::pow(10, 0.1)).epsilon(1e-12));
  }
  CHECK(curve.smoothed.back() > 4 * std::ranges::min(curve.smoothed));
  CHECK(list(run.model.parameters()[0].variable.value()) == before);
}

TEST_CASE("find_learning_rate: training at the suggestion learns, faster than at a tenth of it") {
  support::SmallTraining start;
  const auto curve = train::find_learning_rate(start.model, descent, start.training, start.options);
  MESSAGE("suggestion ", curve.suggestion, " of ", curve.rates.size(), " rates up to ", curve.rates.back());
  const auto loss_after = [&](double lr) {
    support::SmallTraining run;
    Descent optimizer(nn::variables(run.model));
    optimizer.set_lr(lr);
    CHECK(train::fit(run.model, optimizer, run.training, run.options, run.state));
    return train::evaluate(run.model, run.training, run.options);
  };
  const double at_first = train::evaluate(start.model, start.training, start.options);
  CHECK(loss_after(curve.suggestion) < 0.3 * at_first);
  CHECK(loss_after(curve.suggestion) < loss_after(0.1 * curve.suggestion));
}

TEST_CASE("find_learning_rate: smoothed losses are running means corrected for their start") {
  support::SmallTraining run;
  const auto curve = train::find_learning_rate(run.model, descent, run.training, run.options,
                                               {.min_lr = 1e-6, .max_lr = 1e-3, .steps = 5, .smoothing = 0.5});
  CHECK(curve.smoothed[0] == curve.losses[0]);
  CHECK(curve.smoothed[1] == doctest::Approx((curve.losses[0] + 2 * curve.losses[1]) / 3).epsilon(1e-12));
  CHECK(curve.rates.size() == 5);
  const auto again = train::find_learning_rate(run.model, descent, run.training, run.options,
                                               {.min_lr = 1e-6, .max_lr = 1e-3, .steps = 5, .smoothing = 0.5});
  CHECK(again.losses == curve.losses);
}

TEST_CASE("half_way_down: the last rate above half of the fall to the smallest loss; nan without a fall") {
  train::LearningRateCurve curve{.rates = {1, 2, 3, 4, 5}, .losses = {}, .smoothed = {9, 8, 4, 3, 2}, .suggestion = 0};
  CHECK(train::detail::half_way_down(curve) == 2);
  curve.smoothed = {1, 2, 3, 4, 5};
  CHECK(std::isnan(train::detail::half_way_down(curve)));
  curve.smoothed = {};
  CHECK(std::isnan(train::detail::half_way_down(curve)));
  curve.smoothed = {7, 5, 9, 3, 40};  // a dip at once, then the fall, then the explosion
  CHECK(train::detail::half_way_down(curve) == 3);
}

TEST_CASE("find_learning_rate: a loss that is not finite ends the sweep and is left out") {
  support::SmallTraining run;
  int passes = 0;
  run.options.loss = [&](const Variable<double>& y, const Variable<double>& t) {
    return mse_loss(y, ++passes > 3 ? Variable<double>(Tensor<double>::full(t.shape(), NAN)) : t);
  };
  CHECK(train::find_learning_rate(run.model, descent, run.training, run.options).rates.size() == 3);
  CHECK_THROWS_WITH_AS(train::find_learning_rate(run.model, descent, run.training, run.options),
                       "find_learning_rate: need two finite losses, got 0; a lower min_lr may help", Error);
}

TEST_CASE("find_learning_rate: impossible sweeps are named") {
  support::SmallTraining run;
  CHECK_THROWS_WITH_AS(
      train::find_learning_rate(run.model, descent, run.training, run.options, {.min_lr = 1, .max_lr = 0.1}),
      "find_learning_rate: need 0 < min_lr < max_lr and steps >= 2, got 1, 0.1 and 100", ArgumentError);
  CHECK_THROWS_WITH_AS(train::find_learning_rate(run.model, descent, run.training, run.options, {.smoothing = 1}),
                       "find_learning_rate: need 0 <= smoothing < 1 and stop_factor > 1, got 1 and 4", ArgumentError);
}
