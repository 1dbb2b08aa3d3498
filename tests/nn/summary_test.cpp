#include <engram/nn/summary.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <engram/models/conv_autoencoder.hpp>
#include <engram/nn/activation.hpp>
#include <engram/nn/conv2d.hpp>
#include <engram/nn/conv_transpose2d.hpp>
#include <engram/nn/dropout.hpp>
#include <engram/nn/freeze.hpp>
#include <engram/nn/linear.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/nn/shape.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/matmul.hpp>

#include "support/variables.hpp"

using namespace engram;

namespace {

nn::Sequential<float> small_net() {
  Rng rng(1);
  return nn::Sequential<float>(nn::Conv2d<float>({.in_channels = 1, .out_channels = 4, .kernel = 3}, rng), nn::ReLU{},
                               nn::Flatten{}, nn::Dropout<float>(0.5, rng),
                               nn::Linear<float>({.in_features = 256, .out_features = 10}, rng));
}

/// x + f(f(x)) with one convolution f, a fixed filter and a function of its own.
struct Skip {
  explicit Skip(Rng& rng) : conv({.in_channels = 2, .out_channels = 2, .kernel = 3, .padding = 1}, rng) {}

  Variable<double> operator()(const Variable<double>& x) const {
    const auto blurred = conv2d(x, zeros({2, 2, 1, 1}));
    return tanh(x + conv(conv(x))) * blurred;
  }
  nn::Parameters<double> parameters() const {
    nn::Parameters<double> all;
    nn::append(all, "block.conv", conv.parameters());
    return all;
  }

  nn::Conv2d<double> conv;
};

/// A layer under two names, as in tied weights.
struct Tied {
  explicit Tied(Rng& rng) : layer({.in_features = 3, .out_features = 3}, rng) {}

  Variable<double> operator()(const Variable<double>& x) const { return layer(layer(x)); }
  nn::Parameters<double> parameters() const {
    nn::Parameters<double> all;
    nn::append(all, "encode", layer.parameters());
    nn::append(all, "decode", layer.parameters());
    return all;
  }

  nn::Linear<double> layer;
};

struct Throwing {
  Variable<double> operator()(const Variable<double>&) const { fail<ShapeError>("no such input"); }
  nn::Parameters<double> parameters() const { return {{"weight", weight}}; }

  nn::Parameter<double> weight{Tensor<double>::zeros({2})};
};

}  // namespace

TEST_CASE("summary: the study's autoencoder has 619,569 parameters and takes 62,033,920 multiply-adds per frame") {
  Rng rng(1);
  const models::ConvAutoencoder<float> model(models::NetworkOptions{}, rng);
  const auto s = nn::summary(model, {1, 1, 50, 50});
  CHECK(s.parameters == 619'569);
  CHECK(s.trainable == 619'569);
  CHECK(s.multiply_adds == 62'033'920);
  CHECK(nn::parameter_count(model) == 619'569);
  REQUIRE_FALSE(s.layers.empty());
  CHECK(s.layers.front().layer == "encoder.0");
  CHECK(s.layers.front().operation == "conv2d");
  CHECK(s.layers.front().output == Shape{1, 64, 48, 48});
  CHECK(s.layers.front().parameters == 640);
  CHECK(s.layers.front().multiply_adds == 9 * 64 * 48 * 48);
  CHECK(s.layers.back().layer == "decoder.12");
  CHECK(nn::summary(model, {3, 1, 50, 50}).multiply_adds == 3 * 62'033'920);
}

TEST_CASE("summary: the layers' counts add up to the totals") {
  Rng rng(1);
  const models::ConvAutoencoder<float> model({.image_height = 18, .image_width = 18, .latent_dim = 3, .width = 2}, rng);
  const auto s = nn::summary(model, {2, 1, 18, 18});
  Index parameters = 0;
  Index multiply_adds = 0;
  for (const auto& layer : s.layers) {
    parameters += layer.parameters;
    multiply_adds += layer.multiply_adds;
  }
  CHECK(parameters == s.parameters);
  CHECK(multiply_adds == s.multiply_adds);
}

TEST_CASE("summary: the table of a small network") {
  const std::string expected =
      "layer  operation  output          parameters  multiply-adds\n"
      "       input      [2, 1, 10, 10]\n"
      "0      conv2d     [2, 4, 8, 8]            40          4,608\n"
      "       relu       [2, 4, 8, 8]\n"
      "       reshape    [2, 256]\n"
      "4      linear     [2, 10]              2,570          5,120\n"
      "total                                  2,610          9,728\n";
  CHECK(nn::summary(small_net(), {2, 1, 10, 10}).text() == expected);
}

TEST_CASE("summary: frozen parameters count, are told apart, and are frozen afterwards") {
  auto net = small_net();
  nn::freeze(net, "0");
  const auto s = nn::summary(net, {1, 1, 10, 10});
  CHECK(s.parameters == 2610);
  CHECK(s.trainable == 2570);
  CHECK(s.layers.front().parameters == 40);
  CHECK(s.text().ends_with("of the parameters 2,570 are trainable\n"));
  for (const auto& p : net.parameters()) {
    CHECK(p.variable.requires_grad() == !p.name.starts_with("0."));
  }
}

TEST_CASE("summary: frozen parameters are frozen again if the evaluation fails") {
  const Throwing model;
  model.parameters()[0].variable.set_requires_grad(false);
  CHECK_THROWS_AS(nn::summary(model, {1}), ShapeError);
  CHECK_FALSE(model.parameters()[0].variable.requires_grad());
}

TEST_CASE("summary: works without recording, which it leaves off") {
  const NoGrad scope;
  CHECK(nn::summary(small_net(), {1, 1, 10, 10}).layers.size() == 4);
  CHECK_FALSE((random_parameter({2}, 1) + 1).requires_grad());
}

TEST_CASE("summary: a convolution in groups, and a transposed one") {
  Rng rng(1);
  const nn::Sequential<double> net(
      nn::Conv2d<double>({.in_channels = 4, .out_channels = 6, .kernel = {3, 2}, .groups = 2, .bias = false}, rng),
      nn::ConvTranspose2d<double>({.in_channels = 6, .out_channels = 5, .kernel = 2, .stride = 2}, rng));
  const auto s = nn::summary(net, {1, 4, 5, 6});
  REQUIRE(s.layers.size() == 2);
  CHECK(s.layers[0].output == Shape{1, 6, 3, 5});
  CHECK(s.layers[0].parameters == 6 * 2 * 6);
  CHECK(s.layers[0].multiply_adds == 6 * 3 * 5 * 2 * 6);  // each result: 2 of the 4 channels, 6 taps
  CHECK(s.layers[1].output == Shape{1, 5, 6, 10});
  CHECK(s.layers[1].parameters == 6 * 5 * 4 + 5);
  CHECK(s.layers[1].multiply_adds == 6 * 3 * 5 * 5 * 4);  // each input: 5 channels, 4 taps
}

TEST_CASE("summary: a skip connection, a layer used twice, a fixed filter") {
  Rng rng(1);
  const auto s = nn::summary(Skip(rng), {1, 2, 4, 4});
  std::vector<std::string> operations;
  for (const auto& layer : s.layers) {
    operations.push_back(text(layer.operation, " ", layer.layer, " ", layer.parameters, " ", layer.multiply_adds));
  }
  CHECK(operations == std::vector<std::string>{"conv2d block.conv 38 576", "conv2d block.conv 0 576", "add  0 0",
                                               "tanh  0 0", "conv2d  0 0", "mul  0 0"});
  CHECK(s.parameters == 38);
  CHECK(s.multiply_adds == 1152);
}

TEST_CASE("summary: parameters under two names count once, under the first") {
  Rng rng(1);
  Tied model(rng);
  auto s = nn::summary(model, {5, 3});
  CHECK(s.parameters == 12);
  CHECK(s.trainable == 12);
  CHECK(nn::parameter_count(model) == 12);
  REQUIRE(s.layers.size() == 2);
  CHECK(s.layers[0].layer == "encode");
  CHECK(s.layers[0].parameters == 12);
  CHECK(s.layers[1].layer == "encode");
  CHECK(s.layers[1].parameters == 0);
  CHECK(s.multiply_adds == 2 * 5 * 9);
  nn::freeze(model);
  CHECK(nn::summary(model, {5, 3}).trainable == 0);
}

TEST_CASE("summary: matrix products count, those with a constant do not") {
  struct Products {
    Variable<double> operator()(const Variable<double>& x) const {
      return matmul(matmul(x, weight.variable()), zeros({4, 2})) + linear(zeros({5, 3}), second.variable());
    }
    nn::Parameters<double> parameters() const { return {{"weight", weight}, {"second", second}}; }

    nn::Parameter<double> weight{Tensor<double>::zeros({3, 4})};
    nn::Parameter<double> second{Tensor<double>::zeros({2, 3})};
  };
  const auto s = nn::summary(Products(), {5, 3});
  CHECK(s.multiply_adds == 5 * 3 * 4);
  CHECK(s.parameters == 18);
  CHECK(s.layers.front().layer.empty());
}
