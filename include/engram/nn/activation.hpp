#pragma once

#include <concepts>

#include <engram/nn/layer_visitor.hpp>
#include <engram/nn/module.hpp>
#include <engram/ops/activation.hpp>
#include <engram/ops/softmax.hpp>

// Non-linearities as layers: values without state, for any element type. Each is the function of the same name in ops/.

namespace engram::nn {

struct ReLU {
  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return relu(x);
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.relu();
  }
};

struct LeakyReLU {
  double negative_slope = 0.01;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return leaky_relu(x, static_cast<T>(negative_slope));
  }
};

struct ELU {
  double alpha = 1;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return elu(x, static_cast<T>(alpha));
  }
};

struct GELU {
  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return gelu(x);
  }
};

struct SiLU {
  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return silu(x);
  }
};

struct Sigmoid {
  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return sigmoid(x);
  }
};

struct Tanh {
  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return tanh(x);
  }
};

struct Softplus {
  double beta = 1;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return softplus(x, static_cast<T>(beta));
  }
};

struct Softmax {
  Index dim = -1;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return softmax(x, dim);
  }
};

struct LogSoftmax {
  Index dim = -1;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return log_softmax(x, dim);
  }
};

}  // namespace engram::nn
