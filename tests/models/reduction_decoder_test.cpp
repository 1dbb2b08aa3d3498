#include <engram/models/reduction_decoder.hpp>

#include <doctest/doctest.h>

#include <algorithm>

#include <engram/models/conv_autoencoder.hpp>

#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("ReductionDecoder: any codes to images; the autoencoder's second half under the same names") {
  Rng rng(1);
  const models::NetworkOptions options{
      .image_height = 22, .image_width = 18, .channels = 2, .latent_dim = 2, .width = 3};
  models::ReductionDecoder<float> decoder(options, rng);
  models::ConvAutoencoder<float> whole(options, rng);
  const Variable<float> code(normal<float>({5, 2}, 2));
  const auto all = whole.parameters();
  for (auto part : decoder.parameters()) {
    const auto twin = std::ranges::find(all, part.name, &nn::NamedParameter<float>::name);
    REQUIRE(twin != all.end());
    part.variable.mutable_value() = twin->variable.value();
  }
  CHECK(decoder(code).shape() == Shape{5, 2, 22, 18});
  CHECK(std::ranges::equal(decoder(code).value().elements(), whole.decode(code).value().elements()));
  CHECK(decoder(code, Mode::train).shape() == Shape{5, 2, 22, 18});
}

TEST_CASE("ReductionDecoder: codes of another length are refused") {
  Rng rng(1);
  const models::ReductionDecoder<float> decoder({.image_height = 18, .image_width = 18, .latent_dim = 2, .width = 2},
                                                rng);
  CHECK_THROWS_WITH_AS(decoder(Variable<float>(Tensor<float>::zeros({1, 3}))), "model: need codes [N, 2], got [1, 3]",
                       ShapeError);
}
