#include <engram/ops/shape.hpp>

#include <doctest/doctest.h>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("reshape: keeps the order, the gradient takes the shape back") {
  const auto x = Variable<float>::parameter(Tensor<float>::from({2, 3}, {1, 2, 3, 4, 5, 6}));
  const auto y = reshape(x, {3, -1});
  CHECK(y.shape() == Shape{3, 2});
  CHECK(list(y.value()) == list(x.value()));
  const auto gradient = backward(sum(y * y))[x];
  CHECK(gradient.shape() == Shape{2, 3});
  CHECK(list(gradient) == std::vector<float>{2, 4, 6, 8, 10, 12});
}

TEST_CASE("flatten: [N, ...] to [N, everything else]") {
  const auto x = Variable<double>::parameter(normal({2, 3, 4}, 1));
  CHECK(flatten(x).shape() == Shape{2, 12});
  CHECK(flatten(Variable<double>(Tensor<double>::zeros({5}))).shape() == Shape{5, 1});
  CHECK(gradient_error([&] { return sum(flatten(x) * flatten(x)); }, {x}) < 1e-8);
}

TEST_CASE("flatten: an empty batch keeps the size of what it would hold") {
  CHECK(flatten(Variable<double>(Tensor<double>::zeros({0, 3, 4}))).shape() == Shape{0, 12});
  CHECK(flatten(Variable<double>(Tensor<double>::zeros({3, 0, 4}))).shape() == Shape{3, 0});
}

TEST_CASE("reshape and flatten: errors name the shapes") {
  const Variable<double> x(Tensor<double>::zeros({2, 3}));
  CHECK_THROWS_WITH_AS(reshape(x, {4, 2}), "reshape: need 6 elements as in [2, 3], got [4, 2]", ShapeError);
  CHECK_THROWS_WITH_AS(flatten(Variable<double>(Tensor<double>::zeros({}))), "flatten: need x [N, ...], got x []",
                       ShapeError);
}
