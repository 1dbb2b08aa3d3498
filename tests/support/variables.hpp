#pragma once

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <type_traits>

#include <engram/autograd/variable.hpp>

#include "support/random_tensor.hpp"

/// A constant or a parameter with the listed elements.
template <class T = double>
engram::Variable<T> constant(const engram::Shape& shape, std::initializer_list<std::type_identity_t<T>> elements) {
  return engram::Variable<T>(engram::Tensor<T>::from(shape, elements));
}
template <class T = double>
engram::Variable<T> parameter(const engram::Shape& shape, std::initializer_list<std::type_identity_t<T>> elements) {
  return engram::Variable<T>::parameter(engram::Tensor<T>::from(shape, elements));
}

/// A constant or a parameter of zeros.
template <class T = double>
engram::Variable<T> zeros(const engram::Shape& shape) {
  return engram::Variable<T>(engram::Tensor<T>::zeros(shape));
}
template <class T = double>
engram::Variable<T> zero_parameter(const engram::Shape& shape) {
  return engram::Variable<T>::parameter(engram::Tensor<T>::zeros(shape));
}

/// A constant or a parameter of standard normal elements.
template <class T = double>
engram::Variable<T> random_constant(const engram::Shape& shape, std::uint64_t seed) {
  return engram::Variable<T>(normal<T>(shape, seed));
}
template <class T = double>
engram::Variable<T> random_parameter(const engram::Shape& shape, std::uint64_t seed) {
  return engram::Variable<T>::parameter(normal<T>(shape, seed));
}

/// As normal, with no element within 0.05 of a kink, where central differences say nothing.
inline engram::Tensor<double> normal_off(std::initializer_list<double> kinks, const engram::Shape& shape,
                                         std::uint64_t seed) {
  engram::Rng rng(seed);
  auto t = engram::Tensor<double>::uninitialized(shape);
  for (double& v : t.elements()) {
    bool near = true;
    while (near) {
      v = rng.normal();
      near = false;
      for (const double kink : kinks) {
        near = near || std::abs(v - kink) < 0.05;
      }
    }
  }
  return t;
}
