#include <engram/nn/functional.hpp>

#include <doctest/doctest.h>

#include "support/numbers.hpp"

using namespace engram;

TEST_CASE("ReLU: applies relu, in either precision") {
  CHECK(list(nn::ReLU{}(Variable<float>(Tensor<float>::from({2}, {-1, 2}))).value()) == std::vector<float>{0, 2});
  CHECK(list(nn::ReLU{}(Variable<double>(Tensor<double>::from({2}, {-1, 2}))).value()) == std::vector<double>{0, 2});
}

TEST_CASE("MaxPool2d: applies max_pool2d with its step") {
  const Variable<float> x(Tensor<float>::from({1, 1, 1, 4}, {1, 5, 2, 3}));
  CHECK(list(nn::MaxPool2d{{.kernel = {1, 2}}}(x).value()) == std::vector<float>{5, 3});
  CHECK(list(nn::MaxPool2d{{.kernel = {1, 2}, .stride = 1}}(x).value()) == std::vector<float>{5, 5, 3});
}
