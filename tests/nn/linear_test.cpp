#include <engram/nn/linear.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("nn::Linear: applies its weight and bias, under PyTorch's names and shapes") {
  Rng rng(1);
  const nn::Linear<float> layer({.in_features = 4, .out_features = 3}, rng);
  const auto p = layer.parameters();
  REQUIRE(p.size() == 2);
  CHECK(p[0].name == "weight");
  CHECK(p[1].name == "bias");
  CHECK(p[0].variable.shape() == Shape{3, 4});
  CHECK(p[1].variable.shape() == Shape{3});
  const Variable<float> x(normal<float>({2, 4}, 1));
  CHECK(list(layer(x).value()) == list(linear(x, p[0].variable, p[1].variable).value()));
}

TEST_CASE("nn::Linear: may do without a bias") {
  Rng rng(1);
  const nn::Linear<float> layer({.in_features = 4, .out_features = 3, .bias = false}, rng);
  CHECK(layer.parameters().size() == 1);
  CHECK(list(layer(Variable<float>(Tensor<float>::zeros({1, 4}))).value()) == std::vector<float>{0, 0, 0});
}

TEST_CASE("nn::Linear: weight and bias are drawn within 1 / sqrt(in_features)") {
  Rng rng(1);
  const nn::Linear<float> layer({.in_features = 4, .out_features = 500}, rng);
  for (const auto& p : layer.parameters()) {
    CHECK(std::ranges::max(p.variable.value().elements()) <= 0.5f);
    CHECK(std::ranges::max(p.variable.value().elements()) > 0.49f);
    CHECK(std::ranges::min(p.variable.value().elements()) < -0.49f);
  }
}

TEST_CASE("nn::Linear: a missing option is named") {
  Rng rng(1);
  CHECK_THROWS_WITH_AS((nn::Linear<float>({.in_features = 4}, rng)),
                       "Linear: need in_features and out_features >= 1, got 4 and 0", ArgumentError);
}
