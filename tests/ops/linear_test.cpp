#include <engram/ops/linear.hpp>

#include <doctest/doctest.h>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("linear: x weight^T + bias for 2 vectors of 3 numbers") {
  const Variable<float> x(Tensor<float>::from({2, 3}, {1, 2, 3, 4, 5, 6}));
  const Variable<float> w(Tensor<float>::from({2, 3}, {1, 10, 100, 0, -1, 0}));
  const Variable<float> b(Tensor<float>::from({2}, {0.5f, 0.25f}));
  const auto y = linear(x, w, b);
  CHECK(y.shape() == Shape{2, 2});
  CHECK(list(y.value()) == std::vector<float>{321.5f, -1.75f, 654.5f, -4.75f});
  CHECK(list(linear(x, w).value()) == std::vector<float>{321, -2, 654, -5});
}

TEST_CASE("linear: gradients match central differences") {
  const auto x = Variable<double>::parameter(normal({5, 4}, 1));
  const auto w = Variable<double>::parameter(normal({3, 4}, 2));
  const auto b = Variable<double>::parameter(normal({3}, 3));
  const auto check = gradient_check(
      [&] {
        const auto y = linear(x, w, b);
        return sum(y * y);
      },
      {x, w, b});
  CHECK_MESSAGE(check.error < 1e-7, check.text());
}

TEST_CASE("linear: the derivative in x and in weight is the adjoint") {
  const auto x = Variable<double>::parameter(normal({5, 4}, 1));
  const auto w = Variable<double>::parameter(normal({3, 4}, 2));
  const Variable<double> dy(normal({5, 3}, 3));
  const auto y = linear(x, w);
  const auto grads = backward(sum(y * dy));
  CHECK(dot(grads[x], x.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-13));
  CHECK(dot(grads[w], w.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-13));
}

TEST_CASE("linear: no rows give no results and gradients of 0, no inputs give the bias") {
  const auto x = Variable<double>::parameter(Tensor<double>::zeros({0, 4}));
  const auto w = Variable<double>::parameter(normal({3, 4}, 2));
  const auto b = Variable<double>::parameter(normal({3}, 3));
  const auto grads = backward(sum(linear(x, w, b)));
  CHECK(grads[x].shape() == Shape{0, 4});
  CHECK(list(grads[w]) == std::vector<double>(12));
  CHECK(list(grads[b]) == std::vector<double>(3));
  const Variable<double> nothing(Tensor<double>::zeros({1, 0}));
  CHECK(list(linear(nothing, Variable<double>(Tensor<double>::zeros({3, 0})), b).value()) == list(b.value()));
}

TEST_CASE("linear: errors name the shapes") {
  const Variable<double> x(Tensor<double>::zeros({2, 3}));
  const Variable<double> w(Tensor<double>::zeros({4, 3}));
  CHECK_THROWS_WITH_AS(linear(x, Variable<double>(Tensor<double>::zeros({3, 4}))),
                       "linear: need x [N, in] and weight [out, in], got x [2, 3] and weight [3, 4]", ShapeError);
  CHECK_THROWS_WITH_AS(linear(Variable<double>(Tensor<double>::zeros({3})), w),
                       "linear: need x [N, in] and weight [out, in], got x [3] and weight [4, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(linear(x, w, Variable<double>(Tensor<double>::zeros({3}))),
                       "linear: need bias [4] for weight [4, 3], got bias [3]", ShapeError);
}
