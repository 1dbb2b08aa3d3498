#include <engram/train/exponential_moving_average.hpp>

#include <doctest/doctest.h>

#include <engram/nn/batch_norm.hpp>

#include "support/numbers.hpp"
#include "support/small_training.hpp"
#include "support/tied.hpp"

using namespace engram;
using Model = nn::Sequential<double>;

TEST_CASE("ExponentialMovingAverage: follows parameters and buffers, copies counters, leaves the model alone") {
  Model model(nn::BatchNorm1d<double>(1));
  train::ExponentialMovingAverage average(model, 0.75);
  const auto values = nn::state(model);
  const auto means = nn::state(average.model());
  for (std::size_t i = 0; i < 4; ++i) {
    values[i].values->elements()[0] = 4;
  }
  *values[4].counter = 7;
  average.update(model);
  CHECK(means[0].values->item() == 1.75);  // weight: 0.75 * 1 + 0.25 * 4
  CHECK(means[1].values->item() == 1);     // bias, from 0
  CHECK(means[2].values->item() == 1);     // running mean, from 0
  CHECK(means[3].values->item() == 1.75);  // running variance, from 1
  CHECK(*means[4].counter == 7);
  average.update(model);
  CHECK(means[1].values->item() == 1.75);
  CHECK(values[0].values->item() == 4);
}

TEST_CASE("ExponentialMovingAverage: a model that stays as it is, is its own mean to the bit") {
  support::SmallTraining run;
  train::ExponentialMovingAverage average(run.model, 0.9);
  for (int i = 0; i < 100; ++i) {
    average.update(run.model);
  }
  CHECK(list(average.model().parameters()[0].variable.value()) == list(run.model.parameters()[0].variable.value()));
}

TEST_CASE("ExponentialMovingAverage: a parameter with two names is averaged once") {
  support::Tied model;  // 2
  train::ExponentialMovingAverage average(model, 0.75);
  model.parameters()[0].variable.mutable_value()[0] = 6;
  average.update(model);
  CHECK(average.model().weight.variable().value().item() == 3);
}

TEST_CASE("ExponentialMovingAverage: all elements of a large tensor are averaged") {
  nn::Sequential<double> model(nn::BatchNorm1d<double>(40000));
  train::ExponentialMovingAverage average(model, 0.75);
  nn::state(model)[0].values->elements().back() = 5;  // from 1
  nn::state(model)[0].values->elements()[20000] = 9;
  average.update(model);
  const auto means = nn::state(average.model())[0].values->elements();
  CHECK(means.front() == 1);
  CHECK(means[20000] == 3);
  CHECK(means.back() == 2);
}

TEST_CASE("ExponentialMovingAverage: fit updates it after each step") {
  support::SmallTraining run;
  train::ExponentialMovingAverage average(run.model, 0.5);
  auto expected = run.model.parameters()[0].variable.value();
  run.options.callbacks = {average.callback(run.model), {.batch_end = [&](const train::BatchReport&) {
                             for (Index i = 0; i < expected.size(); ++i) {
                               expected[i] += 0.5 * (run.weight()[static_cast<std::size_t>(i)] - expected[i]);
                             }
                           }}};
  CHECK(run.fit());
  CHECK(list(average.model().parameters()[0].variable.value()) == list(expected));
  CHECK_FALSE(std::ranges::equal(run.weight(), expected.elements()));
}

TEST_CASE("ExponentialMovingAverage: impossible decays and other models are named") {
  support::SmallTraining run;
  CHECK_THROWS_WITH_AS(train::ExponentialMovingAverage<Model>(run.model, 1),
                       "ExponentialMovingAverage: need 0 <= decay < 1, got 1", ArgumentError);
  train::ExponentialMovingAverage average(run.model);
  Rng rng(1);
  Model other(nn::Linear<double>({.in_features = 4, .out_features = 2}, rng));
  CHECK_THROWS_WITH_AS(average.update(other),
                       "ExponentialMovingAverage: need 0.weight [2, 3] as in the model to copy to, got [2, 4]",
                       ShapeError);
}
