#include <cstdio>
#include <string>

#include <engram/core/version.hpp>
#include <engram/nn/activation.hpp>
#include <engram/nn/linear.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/ops/reduce.hpp>
#include <engram/optim/adam.hpp>

#include "codes.hpp"

int main() {
  using namespace engram;
  const Tensor<float> rows = Tensor<float>::full({3, 8}, 0.5F);
  Rng rng(2);
  nn::Sequential<float> net{nn::Linear<float>({.in_features = 8, .out_features = 2}, rng), nn::ReLU()};
  optim::Adam<float> adam(nn::variables(net), {.lr = 0.1});
  adam.step(backward(sum(net(Variable<float>(rows)))));
  std::printf("engram %s: codes %s\n", std::string(version).c_str(), codes(rows).shape().text().c_str());
}
