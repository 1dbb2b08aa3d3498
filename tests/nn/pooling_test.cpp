#include <engram/nn/pooling.hpp>

#include <doctest/doctest.h>

#include <vector>

#include <engram/nn/sequential.hpp>
#include <engram/nn/shape.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

TEST_CASE("MaxPool2d: applies max_pool2d with its step") {
  const auto x = constant<float>({1, 1, 1, 4}, {1, 5, 2, 3});
  CHECK(list(nn::MaxPool2d{{.kernel = {1, 2}}}(x).value()) == std::vector<float>{5, 3});
  CHECK(list(nn::MaxPool2d{{.kernel = {1, 2}, .stride = 1}}(x).value()) == std::vector<float>{5, 5, 3});
}

TEST_CASE("AvgPool2d: applies avg_pool2d with its step, in either precision") {
  const auto x = constant({1, 1, 1, 4}, {1, 5, 2, 4});
  CHECK(list(nn::AvgPool2d{{.kernel = {1, 2}}}(x).value()) == std::vector<double>{3, 3});
  CHECK(list(nn::AvgPool2d{{.kernel = {1, 2}, .stride = {1, 1}}}(x).value()) == std::vector<double>{3, 3.5, 3});
  CHECK(list(nn::AvgPool2d{}(constant<float>({1, 1, 2, 2}, {1, 2, 3, 6})).value()) == std::vector<float>{3});
}

TEST_CASE("AdaptiveAvgPool2d: the mean of each map by default, or any size") {
  const auto x = constant({1, 2, 1, 2}, {1, 5, 2, 4});
  CHECK(list(nn::AdaptiveAvgPool2d{}(x).value()) == std::vector<double>{3, 3});
  CHECK(nn::AdaptiveAvgPool2d{}(x).shape() == Shape{1, 2, 1, 1});
  CHECK(nn::AdaptiveAvgPool2d{{3, 4}}(x).shape() == Shape{1, 2, 3, 4});
}

TEST_CASE("pooling layers: are parts of a Sequential, without parameters") {
  const nn::Sequential<float> layers(nn::MaxPool2d{}, nn::AvgPool2d{{.kernel = 3, .stride = 1, .padding = 1}},
                                     nn::AdaptiveAvgPool2d{2}, nn::Flatten{});
  CHECK(layers(zeros<float>({2, 3, 9, 8})).shape() == Shape{2, 12});
  CHECK(layers.parameters().empty());
}
