#include <engram/ops/reduce.hpp>

#include <doctest/doctest.h>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("sum and mean: values and gradients by hand") {
  const auto x = Variable<float>::parameter(Tensor<float>::from({2, 2}, {1, 2, 3, 5}));
  CHECK(sum(x).value().item() == 11);
  CHECK(sum(x).shape() == Shape{});
  CHECK(mean(x).value().item() == 2.75f);
  CHECK(list(backward(sum(x))[x]) == std::vector<float>{1, 1, 1, 1});
  CHECK(list(backward(mean(x))[x]) == std::vector<float>{0.25f, 0.25f, 0.25f, 0.25f});
}

TEST_CASE("sum and mean: gradients match central differences, scaled by what follows") {
  const auto x = Variable<double>::parameter(normal({3, 4}, 1));
  const auto check = gradient_check([&] { return sum(x) * mean(x) * mean(x * x); }, {x});
  CHECK_MESSAGE(check.error < 1e-7, check.text());
}

TEST_CASE("sum and mean: of nothing 0 and NaN, as in PyTorch") {
  const Variable<double> x(Tensor<double>::zeros({0, 3}));
  CHECK(sum(x).value().item() == 0);
  CHECK(std::isnan(mean(x).value().item()));
}

TEST_CASE("sum: a million floats lose nothing to rounding") {
  CHECK(sum(Variable<float>(Tensor<float>::full({1'000'000}, 0.1f))).value().item() == 100'000.0f);
}
