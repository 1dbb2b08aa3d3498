#include <engram/nn/layer_norm.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

TEST_CASE("nn::LayerNorm: PyTorch's names, shapes and initial values") {
  const nn::LayerNorm<float> layer({.normalized_shape = {2, 2}});
  const auto p = layer.parameters();
  REQUIRE(p.size() == 2);
  CHECK(p[0].name == "weight");
  CHECK(p[1].name == "bias");
  CHECK(p[0].variable.shape() == Shape{2, 2});
  CHECK(list(p[0].variable.value()) == std::vector<float>{1, 1, 1, 1});
  CHECK(list(p[1].variable.value()) == std::vector<float>{0, 0, 0, 0});
}

TEST_CASE("nn::LayerNorm: applies layer_norm with its parameters and eps") {
  const nn::LayerNorm<double> layer({.normalized_shape = {3}, .eps = 0.1});
  auto p = layer.parameters();
  p[0].variable.mutable_value() = normal({3}, 1);
  p[1].variable.mutable_value() = normal({3}, 2);
  const auto x = random_constant({2, 5, 3}, 3);
  CHECK(list(layer(x).value()) == list(layer_norm(x, {3}, p[0].variable, p[1].variable, 0.1).value()));
}

TEST_CASE("nn::LayerNorm: may do without parameters") {
  const nn::LayerNorm<double> layer({.normalized_shape = {2}, .eps = 0, .elementwise_affine = false});
  CHECK(layer.parameters().empty());
  CHECK(list(layer(constant({1, 2}, {3, 7})).value()) == std::vector<double>{-1, 1});
}

TEST_CASE("nn::LayerNorm: a copy learns on its own") {
  const nn::LayerNorm<double> layer({.normalized_shape = {2}});
  const auto copy = layer;
  copy.parameters()[0].variable.mutable_value()[0] = 5;
  CHECK(layer.parameters()[0].variable.value()[0] == 1);
}

TEST_CASE("nn::LayerNorm: a missing shape and inputs of another one are named") {
  CHECK_THROWS_WITH_AS(nn::LayerNorm<double>({}), "LayerNorm: need a normalized_shape of 1 element or more, got [0]",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(nn::LayerNorm<double>({.normalized_shape = {}}),
                       "LayerNorm: need a normalized_shape of 1 element or more, got []", ArgumentError);
  const nn::LayerNorm<double> layer({.normalized_shape = {2}});
  CHECK_THROWS_AS(layer(zeros({2, 3})), ShapeError);
}
