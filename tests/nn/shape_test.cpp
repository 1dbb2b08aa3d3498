#include <engram/nn/shape.hpp>

#include <doctest/doctest.h>

#include <vector>

#include <engram/nn/sequential.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

TEST_CASE("Identity: is what it gets") {
  const auto x = random_parameter({2, 3}, 1);
  CHECK(nn::Identity{}(x).node() == x.node());
}

TEST_CASE("Flatten: all but the first axis, or those it is told") {
  CHECK(nn::Flatten{}(zeros({2, 3, 4})).shape() == Shape{2, 12});
  CHECK(nn::Flatten{.start_dim = 0}(zeros({2, 3, 4})).shape() == Shape{24});
  CHECK(nn::Flatten{.start_dim = 0, .end_dim = 1}(zeros<float>({2, 3, 4})).shape() == Shape{6, 4});
}

TEST_CASE("Upsample: applies upsample2d with its options") {
  const auto x = constant<float>({1, 1, 1, 2}, {0, 4});
  CHECK(list(nn::Upsample{{.scale = {1, 2}}}(x).value()) == std::vector<float>{0, 0, 4, 4});
  CHECK(list(nn::Upsample{{.scale = {1, 2}, .mode = UpsampleMode::bilinear}}(x).value()) ==
        std::vector<float>{0, 1, 3, 4});
  CHECK(list(nn::Upsample{{.size = {1, 5}, .mode = UpsampleMode::bilinear, .align_corners = true}}(x).value()) ==
        std::vector<float>{0, 1, 2, 3, 4});
}

TEST_CASE("Pad2d: applies pad with its mode and value") {
  const auto x = constant<float>({1, 1, 1, 2}, {1, 2});
  CHECK(list(nn::Pad2d{{1, 0, 0, 0}}(x).value()) == std::vector<float>{0, 1, 2});
  CHECK(list(nn::Pad2d{.padding = {1, 0, 0, 0}, .value = 7}(x).value()) == std::vector<float>{7, 1, 2});
  CHECK(list(nn::Pad2d{.padding = {1, 1, 0, 0}, .mode = PadMode::reflect}(x).value()) ==
        std::vector<float>{2, 1, 2, 1});
}

TEST_CASE("shape layers: are parts of a Sequential, without parameters") {
  const nn::Sequential<double> layers(nn::Pad2d{.padding = 1, .mode = PadMode::replicate}, nn::Identity{},
                                      nn::Upsample{{.scale = 2}}, nn::Flatten{});
  CHECK(layers(zeros({2, 3, 2, 1})).shape() == Shape{2, 144});
  CHECK(layers.parameters().empty());
}
