#include <engram/models/direction_tagger.hpp>

#include <doctest/doctest.h>

#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("DirectionTagger: images to two numbers through a code of 16, with PyTorch's names") {
  Rng rng(1);
  models::DirectionTagger<float> net({}, rng);
  const Variable<float> x(normal<float>({2, 1, 50, 50}, 2));
  CHECK(net(x).shape() == Shape{2, 2});
  CHECK(net.encode(x).shape() == Shape{2, 16});
  CHECK(net.parameters().front().name == "encoder.0.weight");
  CHECK(net.parameters().back().name == "fc_2.0.bias");
  CHECK(net.parameters().back().variable.shape() == Shape{2});
}

TEST_CASE("DirectionTagger: images of another size are refused") {
  Rng rng(1);
  const models::DirectionTagger<float> net({.image_height = 18, .image_width = 18, .width = 2}, rng);
  CHECK_THROWS_WITH_AS(net(Variable<float>(Tensor<float>::zeros({1, 1, 22, 18}))),
                       "model: need images [N, 1, 18, 18], got [1, 1, 22, 18]", ShapeError);
}
