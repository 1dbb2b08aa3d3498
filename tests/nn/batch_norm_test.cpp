#include <engram/nn/batch_norm.hpp>

#include <doctest/doctest.h>

#include "support/numbers.hpp"

using namespace engram;

namespace {

Variable<double> column(std::initializer_list<double> values) {
  return Variable<double>(Tensor<double>::from({std::ssize(values), 1}, values));
}

}  // namespace

TEST_CASE("nn::BatchNorm: PyTorch's names, shapes and initial values") {
  nn::BatchNorm2d<float> layer(3);
  const auto p = layer.parameters();
  CHECK(p[0].name == "weight");
  CHECK(p[1].name == "bias");
  CHECK(list(p[0].variable.value()) == std::vector<float>{1, 1, 1});
  CHECK(list(p[1].variable.value()) == std::vector<float>{0, 0, 0});
  const auto b = layer.buffers();
  REQUIRE(b.size() == 3);
  CHECK(b[0].name == "running_mean");
  CHECK(list(*b[0].values) == std::vector<float>{0, 0, 0});
  CHECK(b[1].name == "running_var");
  CHECK(list(*b[1].values) == std::vector<float>{1, 1, 1});
  CHECK(b[2].name == "num_batches_tracked");
  CHECK(*b[2].counter == 0);
}

TEST_CASE("nn::BatchNorm: training moves the running statistics and counts, evaluation does neither") {
  nn::BatchNorm1d<double> layer(1, {.eps = 3, .momentum = 0.5});
  const auto x = column({2, 4});  // mean 3, variance 1, unbiased 2
  CHECK(list(layer(x, Mode::train).value()) == std::vector<double>{-0.5, 0.5});
  const auto b = layer.buffers();
  CHECK(b[0].values->item() == 1.5);
  CHECK(b[1].values->item() == 1.5);
  CHECK(*b[2].counter == 1);
  const double expected = 0.5 / std::sqrt(4.5);
  CHECK(layer(x).value()[0] == doctest::Approx(expected).epsilon(1e-15));
  CHECK(layer(x, Mode::eval).value()[0] == doctest::Approx(expected).epsilon(1e-15));
  CHECK(b[0].values->item() == 1.5);
  CHECK(*b[2].counter == 1);
}

TEST_CASE("nn::BatchNorm: a copy keeps its own statistics and parameters") {
  nn::BatchNorm1d<double> layer(1);
  auto copy = layer;
  copy(column({2, 4}), Mode::train);
  CHECK(layer.buffers()[0].values->item() == 0);
  CHECK(*layer.buffers()[2].counter == 0);
  CHECK(*copy.buffers()[2].counter == 1);
  CHECK(layer.parameters()[0].variable.node() != copy.parameters()[0].variable.node());
}

TEST_CASE("nn::BatchNorm: a batch it cannot learn from leaves it as it was") {
  nn::BatchNorm1d<double> layer(1);
  CHECK_THROWS_AS(layer(column({2}), Mode::train), ShapeError);
  CHECK(layer.buffers()[0].values->item() == 0);
  CHECK(*layer.buffers()[2].counter == 0);
}

TEST_CASE("nn::BatchNorm: with weight and bias frozen nothing of it moves, and training is evaluation") {
  nn::BatchNorm1d<double> layer(1, {.momentum = 0.5});
  const auto x = column({2, 4});
  (void)layer(x, Mode::train);
  auto p = layer.parameters();
  p[0].variable.set_requires_grad(false);
  (void)layer(x, Mode::train);  // one of them still learns
  CHECK(*layer.buffers()[2].counter == 2);
  p[1].variable.set_requires_grad(false);
  const auto evaluated = list(layer(x).value());
  CHECK(list(layer(x, Mode::train).value()) == evaluated);
  CHECK(list(layer(column({2}), Mode::train).value()) == std::vector<double>{evaluated[0]});
  CHECK(*layer.buffers()[2].counter == 2);
  CHECK(list(layer(x).value()) == evaluated);
  p[1].variable.set_requires_grad(true);
  CHECK(list(layer(x, Mode::train).value()) != evaluated);
  CHECK(*layer.buffers()[2].counter == 3);
}

TEST_CASE("nn::BatchNorm: the wrong rank and no channels are named") {
  const nn::BatchNorm1d<double> one(2);
  const nn::BatchNorm2d<double> two(2);
  const auto of = [](const Shape& shape) { return Variable<double>(Tensor<double>::zeros(shape)); };
  CHECK(one(of({3, 2})).shape() == Shape{3, 2});
  CHECK(one(of({3, 2, 4})).shape() == Shape{3, 2, 4});
  CHECK_THROWS_WITH_AS(one(of({3, 2, 4, 4})), "BatchNorm1d: need x [N, C] or [N, C, L], got x [3, 2, 4, 4]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(two(of({3, 2})), "BatchNorm2d: need x [N, C, H, W], got x [3, 2]", ShapeError);
  CHECK_THROWS_WITH_AS(nn::BatchNorm2d<double>{0}, "BatchNorm: need channels >= 1, got 0", ArgumentError);
}
