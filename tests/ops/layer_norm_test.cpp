#include <engram/ops/layer_norm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

TEST_CASE("layer_norm: mean 0 and variance 1 of each row, then scale and shift") {
  const auto x = constant({2, 2}, {2, 4, -1, -7});
  const auto y = layer_norm(x, {2}, constant({2}, {2, 10}), constant({2}, {0.5, 0}), 0);
  CHECK(list(y.value()) == std::vector<double>{-1.5, 10, 2.5, -10});
  CHECK(list(layer_norm(x, {2}, std::nullopt, std::nullopt, 0).value()) == std::vector<double>{-1, 1, 1, -1});
  CHECK(list(layer_norm(x, {2}, std::nullopt, constant({2}, {1, 2}), 0).value()) == std::vector<double>{0, 3, 2, 1});
}

TEST_CASE("layer_norm: eps is added to the variance, 1e-5 by default") {
  const auto x = constant({1, 2}, {-1, 1});
  CHECK(list(layer_norm(x, {2}, std::nullopt, std::nullopt, 3).value()) == std::vector<double>{-0.5, 0.5});
  CHECK(layer_norm(x, {2}).value()[1] == doctest::Approx(1 / std::sqrt(1 + 1e-5)).epsilon(1e-15));
  CHECK(list(layer_norm(constant({1, 3}, {5, 5, 5}), {3}).value()) == std::vector<double>{0, 0, 0});
}

TEST_CASE("layer_norm: over several axes, any number of leading ones") {
  const auto x = random_constant({3, 2, 4, 5}, 1);
  const auto y = layer_norm(x, {4, 5});
  CHECK(y.shape() == x.shape());
  CHECK(largest_difference(mean(y, {2, 3}).value(), Tensor<double>::zeros({3, 2})) < 1e-15);
  CHECK(largest_difference(mean(y * y, {2, 3}).value(), Tensor<double>::full({3, 2}, 1)) < 1e-4);
  CHECK(list(layer_norm(x, {3, 2, 4, 5}).value()).size() == 120);
}

TEST_CASE("layer_norm: gradients match central differences") {
  const auto x = random_constant({3, 2, 5}, 1);
  for (const auto& check :
       {gradient_check([](const auto&v, const auto&w, const auto&b) { return layer_norm(v, {5}, w, b); }, x,
                       random_constant({5}, 2), random_constant({5}, 3)),
        gradient_check(
            [](const auto&v, const auto&w, const auto&b) {
              return layer_norm(v, {2, 5}, w, b, 0.1);
            },
            x, random_constant({2, 5}, 2), random_constant({2, 5}, 3)),
        gradient_check([](const auto&v, const auto&w) { return layer_norm(v, {5}, w); }, x, random_constant({5}, 2)),
        gradient_check([](const auto&v, const auto&b) { return layer_norm(v, {5}, std::nullopt, b); }, x,
                       random_constant({5}, 2)),
        gradient_check([](const auto&v) { return layer_norm(v, {5}); }, x)}) {
    CHECK_MESSAGE(check.ok(1e-7), check.text());
  }
}

TEST_CASE("layer_norm: weight and bias learn of a constant input, too") {
  const auto x = random_constant({3, 5}, 1);
  const auto check = gradient_check([&](const auto& w, const auto& b) { return layer_norm(x, {5}, w, b); },
                                    random_constant({5}, 2), random_constant({5}, 3));
  CHECK_MESSAGE(check.ok(1e-8), check.text());
}

TEST_CASE("layer_norm: a large mean costs float no more than its own rounding") {
  const auto x = normal<float>({4, 33}, 1);
  auto moved = x;
  for (float& v : moved.elements()) {
    v = std::round(v * 64) / 64 + 4096;  // exact
  }
  auto centred = moved;
  for (float& v : centred.elements()) {
    v -= 4096;
  }
  CHECK(largest_difference(layer_norm(Variable<float>(moved), {33}).value(),
                           layer_norm(Variable<float>(centred), {33}).value()) < 1e-3);
}

TEST_CASE("layer_norm: no rows give gradients of 0 for weight and bias") {
  const auto w = parameter({3}, {1, 2, 3});
  const auto y = layer_norm(zeros({0, 3}), {3}, w);
  CHECK(y.shape() == Shape{0, 3});
  CHECK(list(backward(sum(y))[w]) == std::vector<double>(3));
}

TEST_CASE("layer_norm: errors name the shapes") {
  const auto x = zeros({2, 3, 4});
  CHECK_THROWS_WITH_AS(layer_norm(x, {3}),
                       "layer_norm: need x [..., normalized_shape] and weight, bias of normalized_shape [3], got x "
                       "[2, 3, 4], weight none, bias none",
                       ShapeError);
  CHECK_THROWS_WITH_AS(layer_norm(x, {3, 4}, zeros({4}), zeros({3, 4})),
                       "layer_norm: need x [..., normalized_shape] and weight, bias of normalized_shape [3, 4], got x "
                       "[2, 3, 4], weight [4], bias [3, 4]",
                       ShapeError);
  CHECK_THROWS_AS(layer_norm(x, {}), ShapeError);
  CHECK_THROWS_AS(layer_norm(x, {1, 2, 3, 4}), ShapeError);
  CHECK_THROWS_AS(layer_norm(zeros({2, 0}), {0}), ShapeError);
  CHECK_THROWS_WITH_AS(layer_norm(x, {4}, std::nullopt, std::nullopt, -1), "layer_norm: need eps >= 0, got -1",
                       ArgumentError);
}
