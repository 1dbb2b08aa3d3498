#include <engram/nn/freeze.hpp>

#include <doctest/doctest.h>

#include <engram/autograd/backward.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/nn/activation.hpp>
#include <engram/ops/loss.hpp>

#include "support/random_tensor.hpp"

using namespace engram;

namespace {

models::ConvAutoencoder<float> small_model() {
  Rng rng(1);
  return models::ConvAutoencoder<float>({.image_height = 18, .image_width = 18, .latent_dim = 3, .width = 2}, rng);
}

/// Names of the parameters that training would move.
std::vector<std::string> moving(const models::ConvAutoencoder<float>& model) {
  std::vector<std::string> names;
  for (const auto& parameter : model.parameters()) {
    if (parameter.variable.requires_grad()) {
      names.push_back(parameter.name);
    }
  }
  return names;
}

}  // namespace

TEST_CASE("freeze: a part by its name, one parameter, all of it; unfreeze undoes it") {
  auto model = small_model();
  const auto all = moving(model);
  nn::freeze(model, "encoder");
  auto names = moving(model);
  CHECK(names.front() == "fc_1.0.weight");
  CHECK(names.back() == "decoder.12.bias");
  CHECK(nn::variables(model).size() == all.size());
  nn::freeze(model, "decoder.12.bias");
  CHECK(moving(model).back() == "decoder.12.weight");
  nn::unfreeze(model, "encoder.0");
  names = moving(model);
  CHECK(names[0] == "encoder.0.weight");
  CHECK(names[1] == "encoder.0.bias");
  CHECK(names[2] == "fc_1.0.weight");
  nn::freeze(model);
  CHECK(moving(model).empty());
  nn::unfreeze(model);
  CHECK(moving(model) == all);
}

TEST_CASE("freeze: the beginning of a part's name is no part") {
  auto model = small_model();
  nn::freeze(model, "decoder.1");  // not decoder.10, decoder.12
  for (const auto& parameter : model.parameters()) {
    CAPTURE(parameter.name);
    CHECK(parameter.variable.requires_grad() != parameter.name.starts_with("decoder.1."));
  }
  CHECK_THROWS_WITH_AS(nn::freeze(model, "enc"),
                       "freeze: need a part of the model (encoder, fc_1, fc_2, decoder), got enc", ArgumentError);
  CHECK_THROWS_WITH_AS(nn::unfreeze(model, "encoder.7"),
                       "unfreeze: need a part of the model (encoder, fc_1, fc_2, decoder), got encoder.7",
                       ArgumentError);
  nn::Sequential<float> none(nn::ReLU{});
  CHECK_THROWS_WITH_AS(nn::freeze(none), "freeze: need a part of the model (it has none), got all of it",
                       ArgumentError);
}

TEST_CASE("freeze: frozen parameters get no gradient, and a frozen part keeps its running statistics") {
  auto model = small_model();
  nn::freeze(model, "encoder");
  const auto copy = model;
  CHECK(moving(copy) == moving(model));
  const Variable<float> x(normal<float>({4, 1, 18, 18}, 2));
  const auto gradients = backward(mse_loss(model(x, Mode::train), x));
  for (const auto& parameter : model.parameters()) {
    CAPTURE(parameter.name);
    CHECK((gradients.find(parameter.variable) == nullptr) == parameter.name.starts_with("encoder"));
  }
  for (const auto& buffer : model.buffers()) {
    if (buffer.counter != nullptr) {
      CAPTURE(buffer.name);
      CHECK(*buffer.counter == (buffer.name.starts_with("encoder") ? 0 : 1));
    }
  }
}
