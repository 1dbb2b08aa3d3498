#include <engram/ops/shape.hpp>

#include <doctest/doctest.h>

#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

template <class F>
void check_gradient(F f, const Shape& shape) {
  const auto check = gradient_check(
      [&](const auto& x) {
        const auto y = f(x);
        return y * y;
      },
      random_constant(shape, 1));
  CHECK_MESSAGE(check.ok(1e-7), check.text());
}

/// 0, 1, 2, ...
Variable<double> counting(const Shape& shape) {
  auto t = Tensor<double>::uninitialized(shape);
  for (Index i = 0; i < t.size(); ++i) {
    t[i] = static_cast<double>(i);
  }
  return Variable<double>(t);
}

}  // namespace

TEST_CASE("reshape: keeps the order, the gradient takes the shape back") {
  const auto x = parameter<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto y = reshape(x, {3, -1});
  CHECK(y.shape() == Shape{3, 2});
  CHECK(list(y.value()) == list(x.value()));
  const auto gradient = backward(sum(y * y))[x];
  CHECK(gradient.shape() == Shape{2, 3});
  CHECK(list(gradient) == std::vector<float>{2, 4, 6, 8, 10, 12});
  check_gradient([](const auto& v) { return reshape(v, {4, 3, 1}); }, {2, 6});
}

TEST_CASE("reshape: to and from a scalar") {
  CHECK(reshape(zeros({1, 1}), {}).shape() == Shape{});
  CHECK(reshape(zeros({}), {1, -1}).shape() == Shape{1, 1});
}

TEST_CASE("flatten: [N, ...] to [N, everything else]") {
  CHECK(flatten(zeros({2, 3, 4})).shape() == Shape{2, 12});
  CHECK(flatten(zeros({5})).shape() == Shape{5, 1});
  check_gradient([](const auto& x) { return flatten(x); }, {2, 3, 4});
}

TEST_CASE("flatten: any neighbouring dims, negative ones from the end") {
  const auto x = zeros({2, 3, 4, 5});
  CHECK(flatten(x, 0).shape() == Shape{120});
  CHECK(flatten(x, 1, 2).shape() == Shape{2, 12, 5});
  CHECK(flatten(x, -2).shape() == Shape{2, 3, 20});
  CHECK(flatten(x, 0, -3).shape() == Shape{6, 4, 5});
  CHECK(flatten(x, 2, 2).shape() == Shape{2, 3, 4, 5});
  CHECK(flatten(zeros({5}), 0).shape() == Shape{5});
  check_gradient([](const auto& v) { return flatten(v, 0, 1); }, {2, 3, 2});
}

TEST_CASE("flatten: an empty batch keeps the size of what it would hold") {
  CHECK(flatten(zeros({0, 3, 4})).shape() == Shape{0, 12});
  CHECK(flatten(zeros({3, 0, 4})).shape() == Shape{3, 0});
}

TEST_CASE("transpose: exchanges two dims") {
  const auto x = constant({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto y = transpose(x, 0, 1);
  CHECK(y.shape() == Shape{3, 2});
  CHECK(list(y.value()) == std::vector<double>{1, 4, 2, 5, 3, 6});
  CHECK(list(transpose(x, -1, -2).value()) == list(y.value()));
  CHECK(list(transpose(x, 1, 1).value()) == list(x.value()));
  CHECK(transpose(zeros({2, 3, 4, 5}), 1, -1).shape() == Shape{2, 5, 4, 3});
  check_gradient([](const auto& v) { return transpose(v, 0, 2); }, {2, 3, 4});
}

TEST_CASE("permute: dim i of the result is dim dims[i] of x") {
  const auto x = counting({2, 3, 4, 5});
  const auto y = permute(x, {2, 0, -1, 1});
  CHECK(y.shape() == Shape{4, 2, 5, 3});
  bool same = true;
  Index position = 0;
  for (Index c = 0; c < 4; ++c) {
    for (Index a = 0; a < 2; ++a) {
      for (Index d = 0; d < 5; ++d) {
        for (Index b = 0; b < 3; ++b) {
          same = same && y.value()[position++] == static_cast<double>(((a * 3 + b) * 4 + c) * 5 + d);
        }
      }
    }
  }
  CHECK(same);
  check_gradient([](const auto& v) { return permute(v, {2, 0, 3, 1}); }, {2, 3, 2, 4});
}

TEST_CASE("permute: the inverse takes all back, and the derivative is the adjoint") {
  const auto x = random_parameter({2, 3, 4, 1, 5}, 1);
  const auto y = permute(x, {3, 2, 4, 0, 1});
  CHECK(list(permute(y, {3, 4, 1, 0, 2}).value()) == list(x.value()));
  const auto dy = random_constant(y.shape(), 2);
  CHECK(dot(backward(sum(y * dy))[x], x.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-12));
}

TEST_CASE("permute: scalars, empty tensors and all eight axes") {
  CHECK(permute(constant({}, {7}), {}).value().item() == 7);
  CHECK(permute(zeros({2, 0, 3}), {1, 2, 0}).shape() == Shape{0, 3, 2});
  const auto x = counting({2, 1, 2, 2, 1, 2, 2, 2});
  const auto y = permute(x, {7, 6, 5, 4, 3, 2, 1, 0});
  CHECK(list(permute(y, {7, 6, 5, 4, 3, 2, 1, 0}).value()) == list(x.value()));
  CHECK(y.value()[1] == 32);
}

TEST_CASE("reshape and flatten: errors name the shapes") {
  const auto x = zeros({2, 3});
  CHECK_THROWS_WITH_AS(reshape(x, {4, 2}), "reshape: need 6 elements as in [2, 3], got [4, 2]", ShapeError);
  CHECK_THROWS_WITH_AS(flatten(zeros({})), "flatten: need x [N, ...], got x []", ShapeError);
  CHECK_THROWS_WITH_AS(flatten(x, 1, 0), "flatten: need start_dim <= end_dim, got 1 and 0", ArgumentError);
  CHECK_THROWS_WITH_AS(flatten(x, 2), "flatten: need a dim in -2..1, got 2", ArgumentError);
}

TEST_CASE("permute and transpose: errors name the dims") {
  const auto x = zeros({2, 3});
  CHECK_THROWS_WITH_AS(permute(x, {0}), "permute: need each dim of x [2, 3] once, got 1 dims", ArgumentError);
  CHECK_THROWS_WITH_AS(permute(x, {1, -1}), "permute: need each dim of x [2, 3] once, got -1 twice", ArgumentError);
  CHECK_THROWS_WITH_AS(permute(x, {0, 2}), "permute: need a dim in -2..1, got 2", ArgumentError);
  CHECK_THROWS_WITH_AS(transpose(x, 0, -3), "transpose: need a dim in -2..1, got -3", ArgumentError);
}
