#pragma once

#include <engram/nn/linear.hpp>
#include <engram/nn/sequential.hpp>
#include <engram/optim/adam.hpp>
#include <engram/train/fit.hpp>

#include "support/random_tensor.hpp"

namespace support {

/// A training that takes no time: 16 examples of a linear map, 4 to a batch, 3 epochs.
struct SmallTraining {
  engram::Rng rng{1};
  engram::nn::Sequential<double> model{engram::nn::Linear<double>({.in_features = 3, .out_features = 2}, rng)};
  engram::optim::Adam<double> adam{engram::nn::variables(model), {.lr = 0.05}};
  engram::train::Dataset<double> training = examples();
  engram::train::FitOptions<double> options{.epochs = 3, .batch_size = 4};
  engram::train::TrainingState state;

  bool fit() { return engram::train::fit(model, adam, training, options, state); }
  std::span<const double> weight() const { return model.parameters()[0].variable.value().elements(); }

  static engram::train::Dataset<double> examples() {
    engram::Rng other(2);
    const auto x = normal({16, 3}, 3);
    const engram::nn::Linear<double> truth({.in_features = 3, .out_features = 2}, other);
    return engram::train::pairs(x, truth(engram::Variable<double>(x)).value());
  }
};

}  // namespace support
