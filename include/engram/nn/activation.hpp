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
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.activation(Activation::leaky_relu, negative_slope, called<T>(*this));
  }
};

struct ELU {
  double alpha = 1;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return elu(x, static_cast<T>(alpha));
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.activation(Activation::elu, alpha, called<T>(*this));
  }
};

struct GELU {
  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return gelu(x);
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.activation(Activation::gelu, 0, called<T>(*this));
  }
};

struct SiLU {
  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return silu(x);
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.activation(Activation::silu, 0, called<T>(*this));
  }
};

struct Sigmoid {
  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return sigmoid(x);
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.activation(Activation::sigmoid, 0, called<T>(*this));
  }
};

struct Tanh {
  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return tanh(x);
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.activation(Activation::tanh, 0, called<T>(*this));
  }
};

struct Softplus {
  double beta = 1;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return softplus(x, static_cast<T>(beta));
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.activation(Activation::softplus, beta, called<T>(*this));
  }
};

struct Softmax {
  Index dim = -1;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return softmax(x, dim);
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.activation(Activation::softmax, static_cast<double>(dim), called<T>(*this));
  }
};

struct LogSoftmax {
  Index dim = -1;

  template <std::floating_point T>
  Variable<T> operator()(const Variable<T>& x) const {
    return log_softmax(x, dim);
  }
  template <std::floating_point T>
  void describe(LayerVisitor<T>& visitor) const {
    visitor.activation(Activation::log_softmax, static_cast<double>(dim), called<T>(*this));
  }
};

}  // namespace engram::nn
