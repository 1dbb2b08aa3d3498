#include <doctest/doctest.h>

#include <engram/autograd/backward.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/models/reduction_decoder.hpp>
#include <engram/ops/loss.hpp>
#include <engram/optim/adam.hpp>

#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("ConvAutoencoder: gives images of the size it got, for sizes 4 n + 14") {
  Rng rng(1);
  for (const Index size : {18, 22, 30}) {
    const models::ConvAutoencoder<float> net({.image_height = size, .image_width = 26, .latent_dim = 3, .width = 4},
                                             rng);
    const Variable<float> x(normal<float>({2, 1, size, 26}, 2));
    CHECK(net(x).shape() == x.shape());
    CHECK(net.encode(x).shape() == Shape{2, 3});
  }
}

TEST_CASE("ConvAutoencoder: another size gets an error that says which sizes work") {
  Rng rng(1);
  CHECK_THROWS_WITH_AS((models::ConvAutoencoder<float>({.image_height = 48}, rng)),
                       "models: need images whose height and width are 4 n + 14 pixels (18, 22, 26, ..., 46, 50, 54, "
                       "...), got 48 x 50",
                       ArgumentError);
}

TEST_CASE("ConvAutoencoder: a copy learns on its own") {
  Rng rng(1);
  const models::ConvAutoencoder<float> net({.image_height = 18, .image_width = 18, .latent_dim = 3, .width = 4}, rng);
  auto copy = net;
  const Variable<float> x(normal<float>({4, 1, 18, 18}, 2));
  const auto before = net(x).value();
  optim::Adam<float> adam(nn::variables(copy), {.lr = 0.01});
  auto loss = mse_loss(copy(x, Mode::train), x);
  adam.step(backward(std::move(loss)));
  CHECK(std::ranges::equal(net(x).value().elements(), before.elements()));
  CHECK_FALSE(std::ranges::equal(copy(x).value().elements(), before.elements()));
}

TEST_CASE("ConvAutoencoder: encoder, code, features and decoder on their own are the whole") {
  Rng rng(1);
  const models::ConvAutoencoder<float> net({}, rng);
  const Variable<float> x(normal<float>({2, 1, 50, 50}, 2));
  const auto code = net.encode(x);
  CHECK(code.shape() == Shape{2, 16});
  CHECK(net.expand(code).shape() == Shape{2, 10368});
  CHECK(net.features(x).shape() == Shape{2, 128, 9, 9});
  CHECK(std::ranges::equal(net.decode(code).value().elements(), net(x).value().elements()));
  CHECK(std::ranges::equal(net.decode_expanded(net.expand(code)).value().elements(), net(x).value().elements()));
  CHECK_THROWS_WITH_AS(net.decode_expanded(code), "model: need features [N, 10368], got [2, 16]", ShapeError);
}

TEST_CASE("ConvAutoencoder: the study's network has PyTorch's names and as many parameters") {
  Rng rng(1);
  const models::ConvAutoencoder<float> net({}, rng);
  Index count = 0;
  for (const auto& p : net.parameters()) {
    count += p.variable.value().size();
  }
  CHECK(net.parameters().front().name == "encoder.0.weight");
  CHECK(net.parameters().back().name == "decoder.12.bias");
  CHECK(count == 619'569);
}

TEST_CASE("ConvAutoencoder: the same bits on any number of threads") {
  const Variable<float> x(normal<float>({6, 1, 18, 18}, 2));
  const auto trained = [&](int threads) {
    const ThreadScope scope(threads);
    Rng rng(1);
    models::ConvAutoencoder<float> net({.image_height = 18, .image_width = 18, .latent_dim = 3, .width = 5}, rng);
    optim::Adam<float> adam(nn::variables(net), {.lr = 0.01});
    for (int step = 0; step < 3; ++step) {
      adam.step(backward(mse_loss(net(x, Mode::train), x)));
    }
    return net(x).value();
  };
  const auto one = trained(1);
  for (const int threads : {2, 3, 4, 8}) {
    CHECK(std::ranges::equal(trained(threads).elements(), one.elements()));
  }
}
