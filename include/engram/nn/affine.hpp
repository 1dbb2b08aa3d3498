#pragma once

#include <concepts>
#include <optional>

#include <engram/nn/module.hpp>

namespace engram::nn {

namespace detail {

/// Scale and shift that begin as 1 and 0, or none.
template <std::floating_point T>
struct Affine {
  std::optional<Parameter<T>> weight;
  std::optional<Parameter<T>> bias;

  Affine(const Shape& shape, bool present) {
    if (present) {
      weight.emplace(Tensor<T>::full(shape, T{1}));
      bias.emplace(Tensor<T>::zeros(shape));
    }
  }
  Parameters<T> parameters() const {
    return weight ? Parameters<T>{{"weight", *weight}, {"bias", *bias}} : Parameters<T>{};
  }
};

}  // namespace detail

}  // namespace engram::nn
