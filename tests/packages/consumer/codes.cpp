#include "codes.hpp"

#include <engram/nn/activation.hpp>
#include <engram/nn/linear.hpp>
#include <engram/nn/sequential.hpp>

using namespace engram;

Tensor<float> codes(const Tensor<float>& rows) {
  Rng rng(1);
  const nn::Sequential<float> net{nn::Linear<float>({.in_features = 8, .out_features = 2}, rng), nn::Tanh()};
  return net(Variable<float>(rows)).value();
}
