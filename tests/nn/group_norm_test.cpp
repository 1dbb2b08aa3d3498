#include <engram/nn/group_norm.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

TEST_CASE("nn::GroupNorm: PyTorch's names, shapes and initial values") {
  const nn::GroupNorm<float> layer({.num_groups = 2, .num_channels = 4});
  const auto p = layer.parameters();
  REQUIRE(p.size() == 2);
  CHECK(p[0].name == "weight");
  CHECK(p[1].name == "bias");
  CHECK(list(p[0].variable.value()) == std::vector<float>{1, 1, 1, 1});
  CHECK(list(p[1].variable.value()) == std::vector<float>{0, 0, 0, 0});
}

TEST_CASE("nn::GroupNorm: applies group_norm with its parameters and eps") {
  const nn::GroupNorm<double> layer({.num_groups = 2, .num_channels = 4, .eps = 0.1});
  auto p = layer.parameters();
  p[0].variable.mutable_value() = normal({4}, 1);
  p[1].variable.mutable_value() = normal({4}, 2);
  for (const Shape& shape : {Shape{2, 4, 3, 5}, Shape{2, 4}}) {
    const auto x = random_constant(shape, 3);
    CHECK(list(layer(x).value()) == list(group_norm(x, 2, p[0].variable, p[1].variable, 0.1).value()));
  }
}

TEST_CASE("nn::GroupNorm: may do without parameters") {
  const nn::GroupNorm<double> layer({.num_groups = 1, .num_channels = 2, .eps = 0, .affine = false});
  CHECK(layer.parameters().empty());
  CHECK(list(layer(constant({1, 2}, {3, 7})).value()) == std::vector<double>{-1, 1});
}

TEST_CASE("nn::GroupNorm: a copy learns on its own") {
  const nn::GroupNorm<double> layer({.num_groups = 1, .num_channels = 2});
  const auto copy = layer;
  copy.parameters()[1].variable.mutable_value()[0] = 5;
  CHECK(layer.parameters()[1].variable.value()[0] == 0);
}

TEST_CASE("nn::GroupNorm: missing or impossible options and other channels are named") {
  CHECK_THROWS_WITH_AS(nn::GroupNorm<double>({.num_groups = 2}),
                       "GroupNorm: need num_channels >= 1 and num_groups that divide them, got 0 and 2", ArgumentError);
  CHECK_THROWS_WITH_AS(nn::GroupNorm<double>({.num_groups = 4, .num_channels = 6}),
                       "GroupNorm: need num_channels >= 1 and num_groups that divide them, got 6 and 4", ArgumentError);
  CHECK_THROWS_AS(nn::GroupNorm<double>({.num_channels = 6}), ArgumentError);
  const nn::GroupNorm<double> layer({.num_groups = 2, .num_channels = 4});
  CHECK_THROWS_WITH_AS(layer(zeros({2, 2, 3})), "GroupNorm: need x [N, 4, ...], got x [2, 2, 3]", ShapeError);
  const nn::GroupNorm<double> plain({.num_groups = 2, .num_channels = 4, .affine = false});
  CHECK_THROWS_WITH_AS(plain(zeros({4})), "GroupNorm: need x [N, 4, ...], got x [4]", ShapeError);
}
