#include <engram/ops/reduce.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

TEST_CASE("sum and mean: values and gradients by hand") {
  const auto x = parameter<float>({2, 2}, {1, 2, 3, 5});
  CHECK(sum(x).value().item() == 11);
  CHECK(sum(x).shape() == Shape{});
  CHECK(mean(x).value().item() == 2.75f);
  CHECK(list(backward(sum(x))[x]) == std::vector<float>{1, 1, 1, 1});
  CHECK(list(backward(mean(x))[x]) == std::vector<float>{0.25f, 0.25f, 0.25f, 0.25f});
}

TEST_CASE("sum and mean: over some dims, negative ones from the end") {
  const auto x = constant({2, 3}, {1, 2, 3, 4, 5, 9});
  CHECK(list(sum(x, {0}).value()) == std::vector<double>{5, 7, 12});
  CHECK(list(sum(x, {1}).value()) == std::vector<double>{6, 18});
  CHECK(list(sum(x, {-1}).value()) == std::vector<double>{6, 18});
  CHECK(list(mean(x, {-2}).value()) == std::vector<double>{2.5, 3.5, 6});
  CHECK(list(mean(x, {1, 0}).value()) == std::vector<double>{4});
  CHECK(mean(x, {1, 0}).shape() == Shape{});
}

TEST_CASE("sum and mean: keepdim leaves extents of 1") {
  const auto x = zeros({2, 3, 4});
  CHECK(sum(x, {1}).shape() == Shape{2, 4});
  CHECK(sum(x, {1}, true).shape() == Shape{2, 1, 4});
  CHECK(sum(x, {-1, 0}).shape() == Shape{3});
  CHECK(mean(x, {-1, 0}, true).shape() == Shape{1, 3, 1});
  CHECK(sum(x, {}, true).shape() == Shape{1, 1, 1});
}

TEST_CASE("sum and mean: any set of dims agrees with sums in any order, and the gradient repeats") {
  const Shape shape{2, 3, 1, 4};
  const auto x = Variable<double>::parameter(Tensor<double>::from(shape, whole_numbers<double>(24, 1)));
  for (unsigned mask = 1; mask < 16; ++mask) {
    CAPTURE(mask);
    std::vector<Index> dims;
    std::vector<double> totals(24);
    double count = 1;
    for (Index axis = 0; axis < 4; ++axis) {
      if ((mask >> axis & 1u) != 0) {
        dims.push_back(axis);
        count *= static_cast<double>(shape[axis]);
      }
    }
    // totals[i]: what element i belongs to, by comparing positions along the kept axes
    const auto place = [&](Index i) {
      Index kept = 0;
      for (Index axis = 3; axis >= 0; --axis) {
        const Index at = i % shape[axis];
        i /= shape[axis];
        kept = kept * 8 + ((mask >> axis & 1u) != 0 ? 0 : at);
      }
      return kept;
    };
    for (Index i = 0; i < 24; ++i) {
      for (Index j = 0; j < 24; ++j) {
        totals[static_cast<std::size_t>(i)] += place(i) == place(j) ? x.value()[j] : 0;
      }
    }
    const auto total = sum(x, dims, true);
    const auto spread = total + zeros(shape);
    CHECK(list(spread.value()) == totals);
    CHECK(list(sum(x, dims).value()) == list(total.value()));
    CHECK(largest_difference(mean(x, dims).value(), (total / count).value()) < 1e-14);
    const auto check = gradient_check([&](const auto& v) { return sum(v * v, dims) + mean(v, dims); }, x);
    CHECK_MESSAGE(check.ok(1e-7), check.text());
  }
}

TEST_CASE("sum and mean: gradients match central differences, scaled by what follows") {
  const auto check =
      gradient_check([](const auto& x) { return sum(x) * mean(x) * mean(x * x); }, random_constant({3, 4}, 1));
  CHECK_MESSAGE(check.ok(1e-7), check.text());
}

TEST_CASE("sum and mean: of nothing 0 and NaN, as in PyTorch") {
  const auto x = zero_parameter({0, 3});
  CHECK(sum(x).value().item() == 0);
  CHECK(std::isnan(mean(x).value().item()));
  CHECK(list(sum(x, {0}).value()) == std::vector<double>(3));
  CHECK(std::isnan(mean(x, {0}).value()[2]));
  CHECK(mean(x, {1}).shape() == Shape{0});
  CHECK(backward(sum(mean(x, {0})))[x].shape() == Shape{0, 3});
}

TEST_CASE("sum: of a scalar is the scalar") {
  const auto x = parameter({}, {7});
  CHECK(sum(x).value().item() == 7);
  CHECK(backward(mean(x))[x].item() == 1);
}

TEST_CASE("sum: a million floats lose nothing to rounding") {
  CHECK(sum(Variable<float>(Tensor<float>::full({1'000'000}, 0.1f))).value().item() == 100'000.0f);
}

TEST_CASE("sum and mean: dims that x does not have, or twice, are named") {
  const auto x = zeros({2, 3});
  CHECK_THROWS_WITH_AS(sum(x, {2}), "sum: need a dim in -2..1, got 2", ArgumentError);
  CHECK_THROWS_WITH_AS(mean(x, {0, -3}), "mean: need a dim in -2..1, got -3", ArgumentError);
  CHECK_THROWS_WITH_AS(sum(x, {1, -1}), "sum: need each dim once, got -1 twice", ArgumentError);
  CHECK_THROWS_AS(sum(zeros({}), {0}), ArgumentError);
}
