#pragma once

#include <concepts>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/elementwise.hpp>

namespace engram {

/// Sum of all elements, shape [].
template <std::floating_point T>
Variable<T> sum(const Variable<T>& x) {
  const auto total = kernels::map_sum([](T v) { return v; }, x.value());
  return differentiable("sum", Tensor<T>::full({}, static_cast<T>(total)),
                        wrt(x, [shape = x.shape()](const Tensor<T>& dy) { return Tensor<T>::full(shape, dy[0]); }));
}

/// Mean of all elements, shape [].
template <std::floating_point T>
Variable<T> mean(const Variable<T>& x) {
  const auto count = static_cast<double>(x.shape().size());
  const auto total = kernels::map_sum([](T v) { return v; }, x.value());
  return differentiable("mean", Tensor<T>::full({}, static_cast<T>(total / count)),
                        wrt(x, [shape = x.shape()](const Tensor<T>& dy) {
                          return Tensor<T>::full(shape, dy[0] / static_cast<T>(shape.size()));
                        }));
}

}  // namespace engram
