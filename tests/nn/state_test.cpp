#include <engram/nn/state.hpp>

#include <doctest/doctest.h>

#include <engram/autograd/backward.hpp>
#include <engram/models/conv_autoencoder.hpp>
#include <engram/models/direction_tagger.hpp>
#include <engram/optim/adam.hpp>

#include "support/model_numbers.hpp"
#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

namespace {

const models::NetworkOptions small{.image_height = 18, .image_width = 18, .latent_dim = 3, .width = 2};

/// A model that has been trained a little, so that its running statistics are its own.
template <class Model>
Model trained(std::uint64_t seed) {
  Rng rng(seed);
  Model model(small, rng);
  (void)model(Variable<float>(normal<float>({4, 1, 18, 18}, seed)), Mode::train);
  return model;
}

/// Counts its passes, which belong to no model file.
struct Counting {
  std::int64_t passes = 0;
  Variable<float> operator()(const Variable<float>& x) const { return x; }
  Variable<float> operator()(const Variable<float>& x, Mode mode) {
    passes += mode == Mode::train ? 1 : 0;
    return x;
  }
  nn::Buffers<float> buffers() { return {{"passes", nullptr, &passes, false}}; }
};

}  // namespace

TEST_CASE("state: parameters, then buffers, those that are not persistent included") {
  Rng rng(1);
  nn::Sequential<float> net(nn::Linear<float>({.in_features = 1, .out_features = 2}, rng), nn::BatchNorm1d<float>(2),
                            Counting{});
  std::vector<std::string> names;
  for (const auto& entry : nn::state(net)) {
    names.push_back(entry.name);
    CHECK(entry.persistent == (entry.name != "2.passes"));
  }
  CHECK(names == std::vector<std::string>{"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var",
                                          "1.num_batches_tracked", "2.passes"});
  nn::state(net)[0].values->elements()[0] = 7;
  CHECK(net.parameters()[0].variable.value()[0] == 7);
}

TEST_CASE("copy_state: copies everything into the same variables, so that an optimiser goes on with them") {
  auto from = trained<models::DirectionTagger<float>>(1);
  auto to = trained<models::DirectionTagger<float>>(2);
  optim::Adam<float> adam(nn::variables(to));
  const auto* node = to.parameters()[0].variable.node();
  nn::copy_state(from, to);
  CHECK(numbers(to) == numbers(from));
  CHECK(to.parameters()[0].variable.node() == node);
  const Variable<float> x(normal<float>({4, 1, 18, 18}, 3));
  adam.step(backward(sum(to(x, Mode::train))));
  CHECK(numbers(to) != numbers(from));
}

TEST_CASE("copy_state: a double model takes a float model's numbers") {
  auto from = trained<models::DirectionTagger<float>>(1);
  Rng rng(2);
  models::DirectionTagger<double> to(small, rng);
  nn::copy_state(from, to);
  CHECK(numbers(to) == numbers(from));
}

TEST_CASE("copy_state: counters that are not persistent are copied too") {
  Rng rng(1);
  nn::Sequential<float> from(nn::Linear<float>({.in_features = 1, .out_features = 1}, rng), Counting{5});
  nn::Sequential<float> to(nn::Linear<float>({.in_features = 1, .out_features = 1}, rng), Counting{});
  nn::copy_state(from, to);
  CHECK(*to.buffers()[0].counter == 5);
}

TEST_CASE("copy_state: transfers the parts that are named, and nothing else") {
  auto from = trained<models::ConvAutoencoder<float>>(1);
  auto to = trained<models::DirectionTagger<float>>(2);
  const Variable<float> x(normal<float>({4, 1, 18, 18}, 3));
  const auto head = list(to.parameters().back().variable.value());
  nn::copy_state(from, to, {"encoder", "fc_1"});
  CHECK(list(to.encode(x).value()) == list(from.encode(x).value()));
  CHECK(list(to.parameters().back().variable.value()) == head);
}

TEST_CASE("copy_state: models that do not fit are refused, naming what does not, before anything is written") {
  auto from = trained<models::ConvAutoencoder<float>>(1);
  auto to = trained<models::DirectionTagger<float>>(2);
  const auto before = numbers(to);
  CHECK_THROWS_WITH_AS(nn::copy_state(from, to),
                       "copy_state: need the same parameters and buffers in both models, got fc_2.1.weight in the "
                       "model to copy from alone; name the parts to copy",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(nn::copy_state(to, from),
                       "copy_state: need fc_2.0.weight [4, 3] as in the model to copy to, got [2, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(nn::copy_state(from, to, {"encoder", "fc_2"}),
                       "copy_state: need fc_2.0.weight [2, 3] as in the model to copy to, got [4, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(nn::copy_state(to, from, {"decoder"}),
                       "copy_state: need decoder.0.weight [4, 2, 3, 3] in the model to copy from, got a model without "
                       "it",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(nn::copy_state(from, to, {"encoder", "decoder"}),
                       "copy_state: need a part of the model (encoder, fc_1, fc_2), got decoder", ArgumentError);
  CHECK(numbers(to) == before);
}

TEST_CASE("copy_state: a counter in place of a tensor is refused") {
  std::int64_t count = 1;
  auto values = Tensor<float>::zeros({2});
  const nn::Buffers<float> counter{{"x", nullptr, &count}};
  const nn::Buffers<float> tensor{{"x", &values}};
  CHECK_THROWS_WITH_AS(nn::detail::copy_values("copy_state", counter, tensor),
                       "copy_state: need x [2] as in the model to copy to, got a counter", ArgumentError);
  CHECK_THROWS_WITH_AS(nn::detail::copy_values("copy_state", tensor, counter),
                       "copy_state: need x (a counter) as in the model to copy to, got a tensor", ArgumentError);
}
