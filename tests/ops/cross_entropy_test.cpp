#include <engram/ops/cross_entropy.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

Tensor<std::int64_t> classes(const Shape& shape, std::initializer_list<std::int64_t> values) {
  return Tensor<std::int64_t>::from(shape, values);
}

/// Two examples of two classes, whose probabilities are 1/4, 3/4 and 1/2, 1/2.
Variable<double> two_examples() {
  return constant({2, 2}, {0, std::log(3.0), 1, 1});
}

double loss_of(const Tensor<std::int64_t>& target, const CrossEntropyOptions<double>& options = {}) {
  return cross_entropy(two_examples(), target, options).value().item();
}

const double quarter = std::log(4.0);             // -log(1/4)
const double three_quarters = std::log(4 / 3.0);  // -log(3/4)
const double half = std::log(2.0);

}  // namespace

TEST_CASE("cross_entropy: -log of the target's probability, its mean and sum") {
  CHECK(loss_of(classes({2}, {0, 1})) == doctest::Approx((quarter + half) / 2).epsilon(1e-15));
  CHECK(loss_of(classes({2}, {1, 0}), {.reduction = Reduction::sum}) ==
        doctest::Approx(three_quarters + half).epsilon(1e-15));
  const auto each = cross_entropy(two_examples(), classes({2}, {1, 0}), {.reduction = Reduction::none});
  CHECK(each.shape() == Shape{2});
  CHECK(largest_difference(each.value(), std::vector<double>{three_quarters, half}) < 1e-15);
}

TEST_CASE("cross_entropy: the gradient is probability minus target, over the number of examples") {
  const auto x = Variable<double>::parameter(two_examples().value());
  const auto gradient = backward(cross_entropy(x, classes({2}, {0, 1})))[x];
  CHECK(largest_difference(gradient, std::vector<double>{-0.375, 0.375, 0.25, -0.25}) < 1e-15);
}

TEST_CASE("cross_entropy: the mean is weighted by the targets' class weights") {
  const CrossEntropyOptions<double> weighted{.weight = {1, 3}};
  CHECK(loss_of(classes({2}, {0, 1}), weighted) == doctest::Approx((quarter + 3 * half) / 4).epsilon(1e-15));
  CHECK(loss_of(classes({2}, {1, 1}), weighted) == doctest::Approx((three_quarters + half) / 2).epsilon(1e-15));
  CHECK(loss_of(classes({2}, {0, 1}), {.reduction = Reduction::sum, .weight = {1, 3}}) ==
        doctest::Approx(quarter + 3 * half).epsilon(1e-15));
}

TEST_CASE("cross_entropy: ignored examples count neither in the sum nor in the mean") {
  CHECK(loss_of(classes({2}, {0, -100})) == doctest::Approx(quarter).epsilon(1e-15));
  CHECK(loss_of(classes({2}, {0, 1}), {.ignore_index = 1}) == doctest::Approx(quarter).epsilon(1e-15));
  CHECK(loss_of(classes({2}, {0, 7}), {.reduction = Reduction::sum, .ignore_index = 7, .label_smoothing = 0.5}) ==
        doctest::Approx(0.75 * quarter + 0.25 * three_quarters).epsilon(1e-15));
  const auto x = Variable<double>::parameter(two_examples().value());
  const auto y = cross_entropy(x, classes({2}, {-100, 0}), {.reduction = Reduction::none});
  CHECK(y.value()[0] == 0);
  CHECK(largest_difference(backward(sum(y))[x], std::vector<double>{0, 0, -0.5, 0.5}) < 1e-15);
}

TEST_CASE("cross_entropy: all ignored gives NaN and gradients of 0, as in PyTorch") {
  for (const double smoothing : {0.0, 0.1}) {
    const auto x = Variable<double>::parameter(two_examples().value());
    const auto y = cross_entropy(x, classes({2}, {-100, -100}), {.label_smoothing = smoothing});
    CHECK(std::isnan(y.value().item()));
    CHECK(list(backward(y)[x]) == std::vector<double>(4));
    CHECK(cross_entropy(x, classes({2}, {-100, -100}), {.reduction = Reduction::sum}).value().item() == 0);
  }
}

TEST_CASE("cross_entropy: label smoothing spreads a share over all classes") {
  const double smooth_0 = 0.9 * quarter + 0.1 * three_quarters;  // 1 - 0.2 + 0.2 / 2 and 0.2 / 2
  CHECK(loss_of(classes({2}, {0, 1}), {.label_smoothing = 0.2}) ==
        doctest::Approx((smooth_0 + half) / 2).epsilon(1e-15));
  CHECK(loss_of(classes({2}, {0, 1}), {.label_smoothing = 1}) ==
        doctest::Approx((quarter + three_quarters + 2 * half) / 4).epsilon(1e-15));
}

TEST_CASE("cross_entropy: one class per pixel of [N, C, ...]") {
  const auto x = random_constant({2, 3, 4}, 1);
  const auto target = classes({2, 4}, {0, 1, 2, 0, 2, 2, 1, 0});
  const auto each = cross_entropy(x, target, {.reduction = Reduction::none});
  CHECK(each.shape() == Shape{2, 4});
  for (Index i = 0; i < 8; ++i) {
    const Index base = i / 4 * 12 + i % 4;
    double total = 0;
    for (Index c = 0; c < 3; ++c) {
      total += std::exp(x.value()[base + 4 * c]);
    }
    CHECK(each.value()[i] == doctest::Approx(std::log(total) - x.value()[base + 4 * target[i]]).epsilon(1e-13));
  }
  CHECK(cross_entropy(x, target).value().item() == doctest::Approx(mean(each).value().item()).epsilon(1e-14));
  CHECK(cross_entropy(zeros({2, 3, 2, 1, 2}), Tensor<std::int64_t>::zeros({2, 2, 1, 2})).value().item() ==
        doctest::Approx(std::log(3.0)).epsilon(1e-15));
}

TEST_CASE("cross_entropy: gradients match central differences") {
  const auto flat = classes({4}, {0, 2, 1, 2});
  const auto pixels = classes({2, 2}, {0, 2, 1, 2});
  for (const Reduction reduction : {Reduction::mean, Reduction::sum, Reduction::none}) {
    for (const CrossEntropyOptions<double>& options :
         {CrossEntropyOptions<double>{.reduction = reduction},
          CrossEntropyOptions<double>{.reduction = reduction, .weight = {0.5, 2, 1.5}, .ignore_index = 1},
          CrossEntropyOptions<double>{.reduction = reduction, .weight = {0.5, 2, 1.5}, .label_smoothing = 0.3}}) {
      for (const auto& check :
           {gradient_check([&](const auto& x) { return cross_entropy(x, flat, options); }, random_constant({4, 3}, 1)),
            gradient_check([&](const auto& x) { return cross_entropy(x, pixels, options); },
                           random_constant({2, 3, 2}, 2))}) {
        CHECK_MESSAGE(check.ok(1e-7), check.text());
      }
    }
  }
}

TEST_CASE("cross_entropy: large logits neither overflow nor lose the loss") {
  const auto x = parameter<float>({1, 3}, {1000, 0, -1000});
  CHECK(cross_entropy(x, classes({1}, {0})).value().item() == 0);
  CHECK(cross_entropy(x, classes({1}, {2})).value().item() == 2000);
  CHECK(list(backward(cross_entropy(x, classes({1}, {2})))[x]) == std::vector<float>{1, 0, -1});
  CHECK(cross_entropy(constant({1, 2}, {0, -infinity}), classes({1}, {0})).value().item() == 0);
  CHECK(cross_entropy(constant({1, 2}, {0, -infinity}), classes({1}, {1})).value().item() == infinity);
}

TEST_CASE("cross_entropy: no examples") {
  const auto x = zero_parameter({0, 3});
  const auto y = cross_entropy(x, Tensor<std::int64_t>::zeros({0}));
  CHECK(std::isnan(y.value().item()));
  CHECK(backward(y)[x].shape() == Shape{0, 3});
}

TEST_CASE("cross_entropy: shapes that disagree are named") {
  const auto target = classes({2}, {0, 1});
  CHECK_THROWS_WITH_AS(cross_entropy(zeros({3, 2}), target),
                       "cross_entropy: need x [N, C, ...] and target [N, ...], got x [3, 2] and target [2]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(cross_entropy(zeros({2, 3, 4}), Tensor<std::int64_t>::zeros({2, 3})),
                       "cross_entropy: need x [N, C, ...] and target [N, ...], got x [2, 3, 4] and target [2, 3]",
                       ShapeError);
  CHECK_THROWS_AS(cross_entropy(zeros({2}), target), ShapeError);
  CHECK_THROWS_AS(cross_entropy(zeros({2, 3}), Tensor<std::int64_t>::zeros({2, 1})), ShapeError);
  CHECK_THROWS_AS(cross_entropy(zeros({2, 0}), target), ShapeError);
}

TEST_CASE("cross_entropy: impossible classes and options are named") {
  const auto x = zeros({2, 3});
  CHECK_THROWS_WITH_AS(cross_entropy(x, classes({2}, {0, 3})), "cross_entropy: need targets in 0..2, got 3 at 1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(cross_entropy(x, classes({2}, {-1, 0})), "cross_entropy: need targets in 0..2, got -1 at 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(cross_entropy(x, classes({2}, {0, 1}), {.weight = {1, 2}}),
                       "cross_entropy: need one weight per class or none, and label_smoothing in [0, 1], got 2 weights "
                       "for 3 classes and 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(cross_entropy(x, classes({2}, {0, 1}), {.label_smoothing = 1.5}),
                       "cross_entropy: need one weight per class or none, and label_smoothing in [0, 1], got 0 weights "
                       "for 3 classes and 1.5",
                       ArgumentError);
}
