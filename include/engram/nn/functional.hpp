#pragma once

#include <concepts>

#include <engram/nn/module.hpp>
#include <engram/ops/activation.hpp>
#include <engram/ops/max_pool2d.hpp>

namespace engram::nn {

/// max(x, 0).
struct ReLU {
  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return relu(x);
  }
};

/// See engram::max_pool2d.
struct MaxPool2d {
  Pool2dStep step;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return max_pool2d(x, step);
  }
};

}  // namespace engram::nn
