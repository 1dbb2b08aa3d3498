#include <engram/ops/loss.hpp>

#include <doctest/doctest.h>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("mse_loss: mean and sum of squared differences, and their slopes") {
  const auto x = Variable<float>::parameter(Tensor<float>::from({2, 2}, {1, 2, 3, 4}));
  const auto target = Variable<float>::parameter(Tensor<float>::from({2, 2}, {1, 4, 0, 8}));
  const auto loss = mse_loss(x, target);
  CHECK(loss.shape() == Shape{});
  CHECK(loss.value().item() == 7.25f);
  CHECK(mse_loss(x, target, Reduction::sum).value().item() == 29);
  const auto grads = backward(loss);
  CHECK(list(grads[x]) == std::vector<float>{0, -1, 1.5f, -2});
  CHECK(list(grads[target]) == std::vector<float>{0, 1, -1.5f, 2});
}

TEST_CASE("mse_loss: gradients match central differences, scaled by what follows") {
  for (const Reduction reduction : {Reduction::mean, Reduction::sum}) {
    const auto x = Variable<double>::parameter(normal({3, 5}, 1));
    const auto target = Variable<double>::parameter(normal({3, 5}, 2));
    const auto check = gradient_check(
        [&] {
          const auto loss = mse_loss(x, target, reduction);
          return loss * loss;
        },
        {x, target});
    CHECK_MESSAGE(check.error < 1e-6, check.text());
  }
}

TEST_CASE("mse_loss: different shapes are named") {
  CHECK_THROWS_WITH_AS(
      mse_loss(Variable<double>(Tensor<double>::zeros({2, 3})), Variable<double>(Tensor<double>::zeros({3, 2}))),
      "mse_loss: need x and target of one shape, got x [2, 3] and target [3, 2]", ShapeError);
}
