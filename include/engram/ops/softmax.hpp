#pragma once

#include <concepts>
#include <string_view>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/softmax.hpp>
#include <engram/ops/reduce.hpp>

namespace engram {

namespace detail {

/// x seen as [outer, size, inner] around `dim`.
inline kernels::AxisGeometry around(std::string_view op, const Shape& x, Index dim) {
  const Index axis = checked_axis(op, dim, x.rank());
  ensure<ShapeError>(x[axis] > 0, op, ": need 1 entry or more along dim ", dim, ", got x ", x);
  kernels::AxisGeometry g{.size = x[axis]};
  for (Index i = 0; i < x.rank(); ++i) {
    (i < axis ? g.outer : g.inner) *= i == axis ? 1 : x[i];
  }
  return g;
}

}  // namespace detail

/// e^x / sum e^x along one dim, computed from the differences to the largest entry, so that nothing overflows.
/// @throws ArgumentError for a dim that x does not have, ShapeError if it is empty
template <std::floating_point T>
Variable<T> softmax(const Variable<T>& x, Index dim) {
  const auto g = detail::around("softmax", x.shape(), dim);
  auto y = Tensor<T>::uninitialized(x.shape());
  kernels::softmax(g, x.value().data(), y.data());
  return differentiable("softmax", std::move(y), wrt(x, [g](const Tensor<T>& dy, const Tensor<T>& result) {
                          auto dx = Tensor<T>::uninitialized(dy.shape());
                          kernels::softmax_grad(g, result.data(), dy.data(), dx.data());
                          return dx;
                        }));
}

/// x - log sum e^x along one dim: the logarithm of softmax, accurate where that underflows.
/// @throws ArgumentError for a dim that x does not have, ShapeError if it is empty
template <std::floating_point T>
Variable<T> log_softmax(const Variable<T>& x, Index dim) {
  const auto g = detail::around("log_softmax", x.shape(), dim);
  auto y = Tensor<T>::uninitialized(x.shape());
  kernels::log_softmax(g, x.value().data(), y.data());
  return differentiable("log_softmax", std::move(y), wrt(x, [g](const Tensor<T>& dy, const Tensor<T>& result) {
                          auto dx = Tensor<T>::uninitialized(dy.shape());
                          kernels::log_softmax_grad(g, result.data(), dy.data(), dx.data());
                          return dx;
                        }));
}

}  // namespace engram
