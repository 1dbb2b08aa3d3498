#pragma once

#include <cstdint>

#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>

/// Standard normal elements; the same seed gives the same tensor.
template <class T = double>
engram::Tensor<T> normal(const engram::Shape& shape, std::uint64_t seed) {
  engram::Rng rng(seed);
  auto t = engram::Tensor<T>::uninitialized(shape);
  for (T& v : t.elements()) {
    v = static_cast<T>(rng.normal());
  }
  return t;
}
