#include <engram/train/class_loss.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include <engram/nn/linear.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/fit.hpp>

#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("class_loss: cross entropy of classes that batches carry as numbers") {
  const Variable<double> logits(normal({3, 4}, 1));
  const Variable<double> classes(Tensor<double>::from({3}, {2, 0, 3}));
  const auto expected = cross_entropy(logits, Tensor<std::int64_t>::from({3}, {2, 0, 3}), {.label_smoothing = 0.1});
  CHECK(train::class_loss<double>({.label_smoothing = 0.1})(logits, classes).value().item() == expected.value().item());
}

TEST_CASE("class_loss: a class that is no whole number is named") {
  const Variable<double> logits(normal({2, 4}, 1));
  const auto loss = [&](double second) {
    return train::class_loss<double>()(logits, Variable<double>(Tensor<double>::from({2}, {1, second})));
  };
  CHECK_THROWS_WITH_AS(loss(1.5), "class_loss: need whole numbers as classes, got 1.5 at 1", ArgumentError);
  CHECK_THROWS_WITH_AS(loss(NAN), "class_loss: need whole numbers as classes, got nan at 1", ArgumentError);
  CHECK_THROWS_WITH_AS(loss(-INFINITY), "class_loss: need whole numbers as classes, got -inf at 1", ArgumentError);
  CHECK_THROWS_WITH_AS(loss(1e20), "class_loss: need whole numbers as classes, got 1e+20 at 1", ArgumentError);
}

TEST_CASE("class_loss: fit learns to tell the signs of two numbers apart") {
  const auto x = normal({64, 2}, 1);
  auto classes = Tensor<std::int64_t>::zeros({64});
  for (Index i = 0; i < 64; ++i) {
    classes[i] = (x[2 * i] > 0 ? 1 : 0) + (x[2 * i + 1] > 0 ? 2 : 0);
  }
  Rng rng(1);
  nn::Sequential<double> model(nn::Linear<double>({.in_features = 2, .out_features = 4}, rng));
  optim::Adam<double> adam(nn::variables(model), {.lr = 0.1});
  train::TrainingState state;
  train::fit(model, adam, train::pairs(x, classes),
             {.epochs = 30, .batch_size = 16, .loss = train::class_loss<double>()}, state);
  CHECK(state.history.last("train_loss") < 0.3);
}
