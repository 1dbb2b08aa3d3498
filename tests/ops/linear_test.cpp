#include <engram/ops/linear.hpp>

#include <doctest/doctest.h>

#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>
#include <engram/ops/shape.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

TEST_CASE("linear: x weight^T + bias for 2 vectors of 3 numbers") {
  const auto x = constant<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto w = constant<float>({2, 3}, {1, 10, 100, 0, -1, 0});
  const auto y = linear(x, w, constant<float>({2}, {0.5f, 0.25f}));
  CHECK(y.shape() == Shape{2, 2});
  CHECK(list(y.value()) == std::vector<float>{321.5f, -1.75f, 654.5f, -4.75f});
  CHECK(list(linear(x, w).value()) == std::vector<float>{321, -2, 654, -5});
}

TEST_CASE("linear: any number of leading axes, a single vector too") {
  const auto x = random_constant({2, 3, 4}, 1);
  const auto w = random_constant({5, 4}, 2);
  const auto b = random_constant({5}, 3);
  const auto y = linear(x, w, b);
  CHECK(y.shape() == Shape{2, 3, 5});
  CHECK(list(y.value()) == list(linear(reshape(x, {6, 4}), w, b).value()));
  CHECK(linear(constant({4}, {1, 2, 3, 4}), w, b).shape() == Shape{5});
  CHECK(linear(zeros({2, 1, 2, 4}), w).shape() == Shape{2, 1, 2, 5});
}

TEST_CASE("linear: gradients match central differences") {
  for (const Shape& shape : {Shape{5, 4}, Shape{2, 3, 4}, Shape{4}}) {
    const auto squared = [](const auto& y) { return y * y; };
    const auto x = random_constant(shape, 1);
    const auto w = random_constant({3, 4}, 2);
    for (const auto& check :
         {gradient_check([&](const auto&v, const auto&m) { return squared(linear(v, m)); }, x, w),
          gradient_check([&](const auto&v, const auto&m, const auto&b) { return squared(linear(v, m, b)); }, x, w,
                         random_constant({3}, 3))}) {
      CHECK_MESSAGE(check.ok(1e-7), check.text());
    }
  }
}

TEST_CASE("linear: the derivative in x and in weight is the adjoint") {
  for (const Shape& shape : {Shape{5, 4}, Shape{2, 3, 4}}) {
    const auto x = random_parameter(shape, 1);
    const auto w = random_parameter({3, 4}, 2);
    const auto y = linear(x, w);
    const auto dy = random_constant(y.shape(), 3);
    const auto grads = backward(sum(y * dy));
    CHECK(dot(grads[x], x.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-13));
    CHECK(dot(grads[w], w.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-13));
  }
}

TEST_CASE("linear: no rows give no results and gradients of 0, no inputs give the bias") {
  const auto x = zero_parameter({0, 4});
  const auto w = random_parameter({3, 4}, 2);
  const auto b = random_parameter({3}, 3);
  const auto grads = backward(sum(linear(x, w, b)));
  CHECK(grads[x].shape() == Shape{0, 4});
  CHECK(list(grads[w]) == std::vector<double>(12));
  CHECK(list(grads[b]) == std::vector<double>(3));
  CHECK(list(linear(zeros({1, 0}), zeros({3, 0}), b).value()) == list(b.value()));
  CHECK(linear(zeros({2, 0, 4}), w).shape() == Shape{2, 0, 3});
  CHECK(linear(zeros({2, 4}), zeros({0, 4})).shape() == Shape{2, 0});
}

TEST_CASE("linear: errors name the shapes") {
  const auto x = zeros({2, 3});
  const auto w = zeros({4, 3});
  CHECK_THROWS_WITH_AS(linear(x, zeros({3, 4})),
                       "linear: need x [..., in] and weight [out, in], got x [2, 3] and weight [3, 4]", ShapeError);
  CHECK_THROWS_WITH_AS(linear(zeros({}), w),
                       "linear: need x [..., in] and weight [out, in], got x [] and weight [4, 3]", ShapeError);
  CHECK_THROWS_AS(linear(x, zeros({3})), ShapeError);
  CHECK_THROWS_WITH_AS(linear(x, w, zeros({3})), "linear: need bias [4] for weight [4, 3], got bias [3]", ShapeError);
}
