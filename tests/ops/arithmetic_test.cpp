#include <engram/ops/arithmetic.hpp>

#include <doctest/doctest.h>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("arithmetic: values element by element") {
  const Variable<float> a(Tensor<float>::from({2, 1}, {3, -2}));
  const Variable<float> b(Tensor<float>::from({2, 1}, {5, 4}));
  CHECK(list((a + b).value()) == std::vector<float>{8, 2});
  CHECK(list((a - b).value()) == std::vector<float>{-2, -6});
  CHECK(list((a * b).value()) == std::vector<float>{15, -8});
  CHECK((a * b).shape() == Shape{2, 1});
}

TEST_CASE("arithmetic: gradients match central differences") {
  const auto a = Variable<double>::parameter(normal({3, 4}, 1));
  const auto b = Variable<double>::parameter(normal({3, 4}, 2));
  const auto c = Variable<double>::parameter(normal({3, 4}, 3));
  const auto check = gradient_check([&] { return sum((a + b) * (a - c) * b - c * c + (b - b * a)); }, {a, b, c});
  CHECK_MESSAGE(check.error < 1e-8, check.text());
}

TEST_CASE("arithmetic: an operand with itself") {
  const auto a = Variable<double>::parameter(Tensor<double>::full({1}, 3));
  CHECK(backward(sum(a + a))[a][0] == 2);
  CHECK(backward(sum(a - a))[a][0] == 0);
  CHECK(backward(sum(a * a))[a][0] == 6);
}

TEST_CASE("arithmetic: different shapes are named, there is no broadcasting") {
  const Variable<double> a(Tensor<double>::zeros({2, 3}));
  const Variable<double> b(Tensor<double>::zeros({3}));
  CHECK_THROWS_WITH_AS(a + b, "add: need a and b of one shape, got a [2, 3] and b [3]", ShapeError);
  CHECK_THROWS_WITH_AS(a - b, "sub: need a and b of one shape, got a [2, 3] and b [3]", ShapeError);
  CHECK_THROWS_WITH_AS(a * b, "mul: need a and b of one shape, got a [2, 3] and b [3]", ShapeError);
}
