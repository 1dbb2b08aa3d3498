#include <engram/nn/activation.hpp>

#include <doctest/doctest.h>

#include <vector>

#include <engram/nn/sequential.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

/// Whether the layer is the function, in both precisions.
template <class Layer, class F>
void check_layer(const Layer& layer, F f) {
  static_assert(nn::Module<Layer, float> && nn::Module<Layer, double>);
  const auto x = random_constant({3, 5}, 1);
  CHECK(list(layer(x).value()) == list(f(x).value()));
  const auto single = random_constant<float>({3, 5}, 1);
  CHECK(list(layer(single).value()) == list(f(single).value()));
}

}  // namespace

TEST_CASE("ReLU: applies relu, in either precision") {
  CHECK(list(nn::ReLU{}(constant<float>({2}, {-1, 2})).value()) == std::vector<float>{0, 2});
  CHECK(list(nn::ReLU{}(constant({2}, {-1, 2})).value()) == std::vector<double>{0, 2});
}

TEST_CASE("activation layers: apply the function of their name with PyTorch's defaults") {
  check_layer(nn::ReLU{}, [](const auto& x) { return relu(x); });
  check_layer(nn::LeakyReLU{}, [](const auto& x) { return leaky_relu(x); });
  check_layer(nn::ELU{}, [](const auto& x) { return elu(x); });
  check_layer(nn::GELU{}, [](const auto& x) { return gelu(x); });
  check_layer(nn::SiLU{}, [](const auto& x) { return silu(x); });
  check_layer(nn::Sigmoid{}, [](const auto& x) { return sigmoid(x); });
  check_layer(nn::Tanh{}, [](const auto& x) { return tanh(x); });
  check_layer(nn::Softplus{}, [](const auto& x) { return softplus(x); });
  check_layer(nn::Softmax{}, [](const auto& x) { return softmax(x, 1); });
  check_layer(nn::LogSoftmax{}, [](const auto& x) { return log_softmax(x, 1); });
}

TEST_CASE("activation layers: pass their options on") {
  check_layer(nn::LeakyReLU{.negative_slope = 0.25}, [](const auto& x) { return leaky_relu(x, 0.25f); });
  check_layer(nn::ELU{.alpha = 2}, [](const auto& x) { return elu(x, 2); });
  check_layer(nn::Softplus{.beta = 3}, [](const auto& x) { return softplus(x, 3); });
  check_layer(nn::Softmax{.dim = 0}, [](const auto& x) { return softmax(x, 0); });
  check_layer(nn::LogSoftmax{.dim = 0}, [](const auto& x) { return log_softmax(x, 0); });
}

TEST_CASE("activation layers: are parts of a Sequential, without parameters") {
  const nn::Sequential<float> layers(nn::Tanh{}, nn::LeakyReLU{.negative_slope = 0.5}, nn::Softmax{});
  const auto x = random_constant<float>({3, 5}, 1);
  CHECK(list(layers(x).value()) == list(softmax(leaky_relu(tanh(x), 0.5), 1).value()));
  CHECK(layers.parameters().empty());
}
