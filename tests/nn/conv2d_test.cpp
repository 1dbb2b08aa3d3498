#include <engram/nn/conv2d.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("nn::Conv2d: applies its weight, bias and step, under PyTorch's names and shapes") {
  Rng rng(1);
  const nn::Conv2d<float> layer({.in_channels = 4,
                                 .out_channels = 6,
                                 .kernel = {3, 2},
                                 .stride = {2, 1},
                                 .padding = {1, 0},
                                 .dilation = {1, 2},
                                 .groups = 2},
                                rng);
  const auto p = layer.parameters();
  REQUIRE(p.size() == 2);
  CHECK(p[0].name == "weight");
  CHECK(p[1].name == "bias");
  CHECK(p[0].variable.shape() == Shape{6, 2, 3, 2});
  CHECK(p[1].variable.shape() == Shape{6});
  const Variable<float> x(normal<float>({2, 4, 5, 6}, 1));
  const auto y =
      conv2d(x, p[0].variable, p[1].variable, {.stride = {2, 1}, .padding = {1, 0}, .dilation = {1, 2}, .groups = 2});
  CHECK(layer(x).shape() == Shape{2, 6, 3, 4});
  CHECK(list(layer(x).value()) == list(y.value()));
}

TEST_CASE("nn::Conv2d: may do without a bias") {
  Rng rng(1);
  const nn::Conv2d<float> layer({.in_channels = 1, .out_channels = 1, .kernel = 1, .bias = false}, rng);
  CHECK(layer.parameters().size() == 1);
  CHECK(layer(Variable<float>(Tensor<float>::zeros({1, 1, 1, 1}))).value().item() == 0);
}

TEST_CASE("nn::Conv2d: weight and bias are drawn within 1 / sqrt(inputs of one result)") {
  Rng rng(1);
  const nn::Conv2d<float> layer({.in_channels = 4, .out_channels = 400, .kernel = {4, 2}, .groups = 2}, rng);
  for (const auto& p : layer.parameters()) {
    CHECK(std::ranges::max(p.variable.value().elements()) <= 0.25f);
    CHECK(std::ranges::max(p.variable.value().elements()) > 0.24f);
    CHECK(std::ranges::min(p.variable.value().elements()) < -0.24f);
  }
}

TEST_CASE("nn::Conv2d: a missing option and groups that do not divide are named") {
  Rng rng(1);
  CHECK_THROWS_WITH_AS((nn::Conv2d<float>({.in_channels = 1, .out_channels = 2}, rng)),
                       "Conv2d: need in_channels, out_channels, kernel >= 1 and groups that divide the channels, got "
                       "in_channels 1, out_channels 2, kernel (0, 0), groups 1",
                       ArgumentError);
  CHECK_THROWS_AS((nn::Conv2d<float>({.in_channels = 3, .out_channels = 2, .kernel = 1, .groups = 2}, rng)),
                  ArgumentError);
  CHECK_THROWS_AS((nn::Conv2d<float>({.in_channels = 2, .out_channels = 3, .kernel = 1, .groups = 2}, rng)),
                  ArgumentError);
  CHECK_THROWS_AS((nn::Conv2d<float>({.in_channels = 2, .out_channels = 2, .kernel = 1, .groups = 0}, rng)),
                  ArgumentError);
}
