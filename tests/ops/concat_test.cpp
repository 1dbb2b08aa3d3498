#include <engram/ops/concat.hpp>

#include <doctest/doctest.h>

#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/slice.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;
using engram::concat;

TEST_CASE("concat: two matrices below and beside each other") {
  const auto a = constant({2, 2}, {1, 2, 3, 4});
  const auto b = constant({2, 2}, {5, 6, 7, 8});
  CHECK(list(concat({a, b}).value()) == std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(concat({a, b}).shape() == Shape{4, 2});
  CHECK(list(concat({a, b}, 1).value()) == std::vector<double>{1, 2, 5, 6, 3, 4, 7, 8});
  CHECK(list(concat({a, b}, -1).value()) == list(concat({a, b}, 1).value()));
}

TEST_CASE("concat: one part is itself") {
  const auto a = random_parameter({2, 3}, 1);
  CHECK(list(concat({a}, 1).value()) == list(a.value()));
  CHECK(list(backward(sum(concat({a}, 0) * a))[a]) == list((2 * a).value()));
}

TEST_CASE("concat: five parts of different extents in a middle dim are found again by slices") {
  std::vector<Variable<double>> parts;
  for (const Index extent : {2, 1, 0, 3, 5}) {
    parts.push_back(random_parameter({3, extent, 4}, static_cast<std::uint64_t>(extent)));
  }
  const auto y = concat(parts, 1);
  CHECK(y.shape() == Shape{3, 11, 4});
  const auto dy = random_constant(y.shape(), 9);
  const auto grads = backward(sum(y * dy));
  Index at = 0;
  for (const auto& part : parts) {
    const SliceRange range{.start = at, .stop = at + part.shape()[1]};
    CHECK(list(slice(y, 1, range).value()) == list(part.value()));
    CHECK(list(slice(dy, 1, range).value()) == list(grads[part]));
    CHECK(grads[part].shape() == part.shape());
    at += part.shape()[1];
  }
}

TEST_CASE("concat: gradients match central differences on every dim") {
  for (const Index dim : {0, 1, 2}) {
    const auto check = gradient_check(
        [=](const auto& a, const auto& b, const auto& c) {
          const auto y = concat({a, b, c, a}, dim);
          return y * y;
        },
        random_constant({2, 3, 2}, 1), random_constant({2, 3, 2}, 2), random_constant({2, 3, 2}, 3));
    CHECK_MESSAGE(check.ok(1e-7), check.text());
  }
}

TEST_CASE("concat: only parts that need a gradient get one") {
  const auto a = parameter({1}, {1});
  const auto b = constant({2}, {2, 3});
  const auto c = parameter({2}, {4, 5});
  const auto y = concat({b, a, b, c});
  CHECK(y.node()->inputs.size() == 2);
  const auto grads = backward(sum(y * constant({7}, {1, 2, 3, 4, 5, 6, 7})));
  CHECK(list(grads[a]) == std::vector<double>{3});
  CHECK(list(grads[c]) == std::vector<double>{6, 7});
  CHECK(grads.find(b) == nullptr);
}

TEST_CASE("concat: empty parts") {
  CHECK(concat({zeros({0, 3}), zeros({0, 3})}).shape() == Shape{0, 3});
  CHECK(concat({zeros({2, 0}), zeros({2, 0})}, 0).shape() == Shape{4, 0});
}

TEST_CASE("concat: what does not fit is named") {
  const auto a = zeros({2, 3});
  CHECK_THROWS_WITH_AS(concat(std::vector<Variable<double>>{}), "concat: need 1 part or more, got none", ArgumentError);
  CHECK_THROWS_WITH_AS(concat({a, zeros({2, 4})}),
                       "concat: need parts of one shape but for dim 0, got [2, 3] and [2, 4]", ShapeError);
  CHECK_THROWS_WITH_AS(concat({a, zeros({2})}, -1),
                       "concat: need parts of one shape but for dim -1, got [2, 3] and [2]", ShapeError);
  CHECK_THROWS_WITH_AS(concat({a, a}, 2), "concat: need a dim in -2..1, got 2", ArgumentError);
  CHECK_THROWS_AS(concat({zeros({}), zeros({})}), ArgumentError);
}
