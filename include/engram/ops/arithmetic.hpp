#pragma once

#include <concepts>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/elementwise.hpp>

namespace engram {

namespace detail {

template <class T>
void need_equal_shapes(std::string_view op, const Variable<T>& a, const Variable<T>& b) {
  ensure<ShapeError>(a.shape() == b.shape(), op, ": need a and b of one shape, got a ", a.shape(), " and b ",
                     b.shape());
}

}  // namespace detail

/// Element-wise a + b of one shape.
/// @throws ShapeError if the shapes differ
template <std::floating_point T>
Variable<T> add(const Variable<T>& a, const Variable<T>& b) {
  detail::need_equal_shapes("add", a, b);
  const auto pass_on = [](Tensor<T> dy) { return dy; };
  return differentiable("add", kernels::map([](T p, T q) { return p + q; }, a.value(), b.value()), wrt(a, pass_on),
                        wrt(b, pass_on));
}

/// Element-wise a - b of one shape.
/// @throws ShapeError if the shapes differ
template <std::floating_point T>
Variable<T> sub(const Variable<T>& a, const Variable<T>& b) {
  detail::need_equal_shapes("sub", a, b);
  return differentiable("sub", kernels::map([](T p, T q) { return p - q; }, a.value(), b.value()),
                        wrt(a, [](Tensor<T> dy) { return dy; }), wrt(b, [](Tensor<T> dy) {
                          return kernels::map_in_place([](T d) { return -d; }, std::move(dy));
                        }));
}

/// Element-wise a * b of one shape.
/// @throws ShapeError if the shapes differ
template <std::floating_point T>
Variable<T> mul(const Variable<T>& a, const Variable<T>& b) {
  detail::need_equal_shapes("mul", a, b);
  const auto times = [](const Tensor<T>& p, const Tensor<T>& q) {
    return kernels::map([](T u, T v) { return u * v; }, p, q);
  };
  return differentiable("mul", times(a.value(), b.value()),
                        wrt(a, [times, b](const Tensor<T>& dy) { return times(dy, b.value()); }),
                        wrt(b, [times, a](const Tensor<T>& dy) { return times(dy, a.value()); }));
}

template <std::floating_point T>
Variable<T> operator+(const Variable<T>& a, const Variable<T>& b) {
  return add(a, b);
}
template <std::floating_point T>
Variable<T> operator-(const Variable<T>& a, const Variable<T>& b) {
  return sub(a, b);
}
template <std::floating_point T>
Variable<T> operator*(const Variable<T>& a, const Variable<T>& b) {
  return mul(a, b);
}

}  // namespace engram
