#pragma once

#include <concepts>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/elementwise.hpp>

namespace engram {

/// max(x, 0), any shape; the derivative at 0 is 0, at NaN 1, and NaN stays NaN, as in PyTorch.
template <std::floating_point T>
Variable<T> relu(const Variable<T>& x) {
  return differentiable("relu", kernels::map([](T v) { return v < T{0} ? T{0} : v; }, x.value()),
                        wrt(x, [](Tensor<T> dy, const Tensor<T>& y) {
                          return kernels::map_in_place([](T d, T v) { return v <= T{0} ? T{0} : d; }, std::move(dy), y);
                        }));
}

}  // namespace engram
