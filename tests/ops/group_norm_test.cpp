#include <engram/ops/group_norm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/layer_norm.hpp>
#include <engram/ops/reduce.hpp>
#include <engram/ops/shape.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

TEST_CASE("group_norm: mean 0 and variance 1 of each group of channels, then scale and shift by channel") {
  const auto x = constant({1, 4, 1}, {2, 4, -1, -7});
  CHECK(list(group_norm(x, 2, std::nullopt, std::nullopt, 0).value()) == std::vector<double>{-1, 1, 1, -1});
  const auto y = group_norm(x, 2, constant({4}, {1, 2, 3, 4}), constant({4}, {10, 20, 30, 40}), 0);
  CHECK(list(y.value()) == std::vector<double>{9, 22, 33, 36});
}

TEST_CASE("group_norm: weight and bias are a channel's, whatever its pixels") {
  const auto x = constant({1, 2, 1, 2}, {1, 3, 1, 3});
  const auto y = group_norm(x, 1, constant({2}, {1, 10}), constant({2}, {0, 5}), 0);
  CHECK(list(y.value()) == std::vector<double>{-1, 1, -5, 15});
}

TEST_CASE("group_norm: one group is layer_norm over all but the first axis") {
  const auto x = random_constant({3, 4, 2, 5}, 1);
  CHECK(largest_difference(group_norm(x, 1).value(), layer_norm(x, {4, 2, 5}).value()) < 1e-14);
  const auto flat = random_constant({3, 6}, 2);
  CHECK(largest_difference(group_norm(flat, 2).value(), layer_norm(reshape(flat, {3, 2, 3}), {3}).value()) < 1e-14);
}

TEST_CASE("group_norm: one channel per group is instance norm") {
  const auto x = random_constant({3, 4, 6}, 1);
  CHECK(largest_difference(group_norm(x, 4).value(), layer_norm(x, {6}).value()) < 1e-14);
}

TEST_CASE("group_norm: gradients match central differences") {
  for (const Index groups : {1, 2, 3, 6}) {
    for (const Shape& shape : {Shape{2, 6, 3, 2}, Shape{2, 6, 5}}) {
      const auto check =
          gradient_check([=](const auto& x, const auto& w, const auto& b) { return group_norm(x, groups, w, b, 1e-3); },
                         random_constant(shape, 1), random_constant({6}, 2), random_constant({6}, 3));
      CHECK_MESSAGE(check.ok(1e-6), check.text());
    }
  }
  for (const auto& check :
       {gradient_check([](const auto&x, const auto&w, const auto&b) { return group_norm(x, 2, w, b); },
                       random_constant({3, 6}, 1), random_constant({6}, 2), random_constant({6}, 3)),
        gradient_check([](const auto&x, const auto&b) { return group_norm(x, 2, std::nullopt, b); },
                       random_constant({3, 4, 2}, 1), random_constant({4}, 2)),
        gradient_check([](const auto&x) { return group_norm(x, 2); }, random_constant({3, 4, 2}, 1))}) {
    CHECK_MESSAGE(check.ok(1e-6), check.text());
  }
}

TEST_CASE("group_norm: a large mean costs float no more than its own rounding") {
  auto moved = normal<float>({2, 4, 33}, 1);
  auto centred = moved;
  for (Index i = 0; i < moved.size(); ++i) {
    centred[i] = std::round(centred[i] * 64) / 64;
    moved[i] = centred[i] + 4096;  // exact
  }
  const auto w = constant<float>({4}, {1, -2, 3, 0.5f});
  CHECK(largest_difference(group_norm(Variable<float>(moved), 2, w).value(),
                           group_norm(Variable<float>(centred), 2, w).value()) < 1e-3);
}

TEST_CASE("group_norm: no images or no pixels give gradients of 0 for weight and bias") {
  for (const Shape& shape : {Shape{0, 2, 3}, Shape{3, 2, 0}}) {
    const auto w = parameter({2}, {1, 2});
    const auto b = parameter({2}, {1, 2});
    const auto y = group_norm(zeros(shape), 1, w, b);
    CHECK(y.shape() == shape);
    const auto grads = backward(sum(y));
    CHECK(list(grads[w]) == std::vector<double>(2));
    CHECK(list(grads[b]) == std::vector<double>(2));
  }
}

TEST_CASE("group_norm: errors name shapes and groups") {
  CHECK_THROWS_WITH_AS(group_norm(zeros({2, 6, 3}), 4),
                       "group_norm: need x [N, C, ...], groups that divide C and weight, bias [C], got x [2, 6, 3], "
                       "groups 4, weight none, bias none",
                       ShapeError);
  CHECK_THROWS_WITH_AS(
      group_norm(zeros({2, 6}), 2, zeros({6}), zeros({2})),
      "group_norm: need x [N, C, ...], groups that divide C and weight, bias [C], got x [2, 6], groups "
      "2, weight [6], bias [2]",
      ShapeError);
  CHECK_THROWS_AS(group_norm(zeros({6}), 1), ShapeError);
  CHECK_THROWS_AS(group_norm(zeros({2, 6}), 0), ShapeError);
  CHECK_THROWS_AS(group_norm(zeros({2, 0}), 1), ShapeError);
  CHECK_THROWS_WITH_AS(group_norm(zeros({2, 6}), 1, std::nullopt, std::nullopt, NAN),
                       "group_norm: need eps >= 0, got nan", ArgumentError);
}
