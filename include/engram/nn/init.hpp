#pragma once

#include <cmath>
#include <concepts>

#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>

namespace engram::nn {

/// Uniform in [-1 / sqrt(fan_in), 1 / sqrt(fan_in)]: PyTorch's default for weights and biases, which is He's
/// uniform initialisation with a = sqrt(5): bound = sqrt(6 / ((1 + a^2) fan_in)).
/// @throws ArgumentError unless fan_in >= 1
/// Source: He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015.
template <std::floating_point T>
Tensor<T> kaiming_uniform(const Shape& shape, Index fan_in, Rng& rng) {
  ensure<ArgumentError>(fan_in > 0, "kaiming_uniform: need fan_in >= 1, got ", fan_in);
  const double bound = 1 / std::sqrt(static_cast<double>(fan_in));
  auto t = Tensor<T>::uninitialized(shape);
  for (T& v : t.elements()) {
    v = static_cast<T>(rng.uniform(-bound, bound));
  }
  return t;
}

}  // namespace engram::nn
