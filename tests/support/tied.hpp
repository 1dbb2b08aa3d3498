#pragma once

#include <engram/nn/module.hpp>
#include <engram/ops/arithmetic.hpp>

namespace support {

/// weight x + weight: one parameter under two names.
struct Tied {
  engram::nn::Parameter<double> weight{engram::Tensor<double>::full({1}, 2)};

  engram::Variable<double> operator()(const engram::Variable<double>& x) const {
    return x * weight.variable() + weight.variable();
  }
  engram::nn::Parameters<double> parameters() const { return {{"first", weight}, {"second", weight}}; }
};

}  // namespace support
