#pragma once

#include <concepts>

#include <engram/nn/layer_visitor.hpp>
#include <engram/nn/module.hpp>
#include <engram/ops/avg_pool2d.hpp>
#include <engram/ops/max_pool2d.hpp>

namespace engram::nn {

/// See engram::max_pool2d.
struct MaxPool2d {
  Pool2dStep step;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return max_pool2d(x, step);
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.max_pool2d(step);
  }
};

/// See engram::avg_pool2d.
struct AvgPool2d {
  AvgPool2dStep step;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return avg_pool2d(x, step);
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.avg_pool2d(step, called<T>(*this));
  }
};

/// See engram::adaptive_avg_pool2d.
struct AdaptiveAvgPool2d {
  Pair size = 1;  ///< of the result

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return adaptive_avg_pool2d(x, size);
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.adaptive_avg_pool2d(size, called<T>(*this));
  }
};

}  // namespace engram::nn
