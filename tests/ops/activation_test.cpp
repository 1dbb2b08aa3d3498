#include <engram/ops/activation.hpp>

#include <doctest/doctest.h>

#include <limits>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("relu: max(x, 0), with derivative 0 at 0") {
  const auto x = Variable<float>::parameter(Tensor<float>::from({2, 2}, {-2, 0, 3, 0.5f}));
  const auto y = relu(x);
  CHECK(list(y.value()) == std::vector<float>{0, 0, 3, 0.5f});
  CHECK(y.shape() == Shape{2, 2});
  CHECK(list(backward(sum(y * y))[x]) == std::vector<float>{0, 0, 6, 1});
}

TEST_CASE("relu: NaN stays NaN and lets its gradient pass, as in PyTorch") {
  const auto x = Variable<double>::parameter(Tensor<double>::full({1}, std::numeric_limits<double>::quiet_NaN()));
  const auto y = relu(x);
  CHECK(std::isnan(y.value()[0]));
  CHECK(backward(sum(y))[x][0] == 1);
}

TEST_CASE("relu: the gradient matches central differences, also for a result used twice") {
  const auto x = Variable<double>::parameter(normal({7, 9}, 1));
  const auto check = gradient_check(
      [&] {
        const auto y = relu(x);
        return sum(y * y) + sum(y);
      },
      {x});
  CHECK_MESSAGE(check.error < 1e-7, check.text());
}
