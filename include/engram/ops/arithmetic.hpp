#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/broadcast.hpp>
#include <engram/kernels/reduce.hpp>

namespace engram {

namespace detail {

/// The shape in which the operands meet.
/// @throws ShapeError if they do not
template <class T>
Shape common_shape(std::string_view op, const Variable<T>& a, const Variable<T>& b) {
  const auto shape = kernels::broadcast_shape(a.shape(), b.shape());
  ensure<ShapeError>(shape.has_value(), op, ": need a and b of one shape, or extents of 1 that repeat, got a ",
                     a.shape(), " and b ", b.shape());
  return *shape;
}

/// Passes the gradient on to an operand that was broadcast.
template <class T>
auto wrt_broadcast(const Variable<T>& x) {
  return wrt(x, [shape = x.shape()](Tensor<T> dy) { return kernels::sum_to_shape(std::move(dy), shape); });
}

}  // namespace detail

/// Element-wise a + b. The shapes are aligned at their last axes and extents of 1 repeat, as in NumPy and PyTorch:
/// [N, C, H, W] + [C, 1, 1].
/// @throws ShapeError if two extents differ and neither is 1
template <std::floating_point T>
Variable<T> add(const Variable<T>& a, const Variable<T>& b) {
  const Shape shape = detail::common_shape("add", a, b);
  return differentiable("add", kernels::map_broadcast([](T p, T q) { return p + q; }, a.value(), b.value(), shape),
                        detail::wrt_broadcast(a), detail::wrt_broadcast(b));
}

/// Element-wise a - b, broadcast as in `add`.
/// @throws ShapeError as add
template <std::floating_point T>
Variable<T> sub(const Variable<T>& a, const Variable<T>& b) {
  const Shape shape = detail::common_shape("sub", a, b);
  return differentiable("sub", kernels::map_broadcast([](T p, T q) { return p - q; }, a.value(), b.value(), shape),
                        detail::wrt_broadcast(a), wrt(b, [to = b.shape()](Tensor<T> dy) {
                          return kernels::map_in_place([](T d) { return -d; },
                                                       kernels::sum_to_shape(std::move(dy), to));
                        }));
}

/// Element-wise a * b, broadcast as in `add`.
/// @throws ShapeError as add
template <std::floating_point T>
Variable<T> mul(const Variable<T>& a, const Variable<T>& b) {
  const Shape shape = detail::common_shape("mul", a, b);
  const auto times = [](const Tensor<T>& p, const Tensor<T>& q) {
    return kernels::map_broadcast([](T u, T v) { return u * v; }, p, q, p.shape());
  };
  return differentiable(
      "mul", kernels::map_broadcast([](T u, T v) { return u * v; }, a.value(), b.value(), shape),
      wrt(a, [=, to = a.shape()](const Tensor<T>& dy) { return kernels::sum_to_shape(times(dy, b.value()), to); }),
      wrt(b, [=, to = b.shape()](const Tensor<T>& dy) { return kernels::sum_to_shape(times(dy, a.value()), to); }));
}

/// Element-wise a / b, broadcast as in `add`; d/db = -a / b^2.
/// @throws ShapeError as add
template <std::floating_point T>
Variable<T> div(const Variable<T>& a, const Variable<T>& b) {
  const Shape shape = detail::common_shape("div", a, b);
  const auto over = [](const Tensor<T>& p, const Tensor<T>& q) {
    return kernels::map_broadcast([](T u, T v) { return u / v; }, p, q, p.shape());
  };
  return differentiable(
      "div", kernels::map_broadcast([](T u, T v) { return u / v; }, a.value(), b.value(), shape),
      wrt(a, [=, to = a.shape()](const Tensor<T>& dy) { return kernels::sum_to_shape(over(dy, b.value()), to); }),
      wrt(b, [=, to = b.shape()](const Tensor<T>& dy, const Tensor<T>& y) {
        const auto scaled = kernels::map([](T d, T v) { return -d * v; }, dy, y);
        return kernels::sum_to_shape(over(scaled, b.value()), to);
      }));
}

/// factor * x + offset, element by element.
template <std::floating_point T>
Variable<T> scale_shift(const Variable<T>& x, std::type_identity_t<T> factor, std::type_identity_t<T> offset = 0) {
  return differentiable("scale_shift", kernels::map([=](T v) { return factor * v + offset; }, x.value()),
                        wrt(x, [factor](Tensor<T> dy) {
                          return kernels::map_in_place([factor](T d) { return factor * d; }, std::move(dy));
                        }));
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
template <std::floating_point T>
Variable<T> operator/(const Variable<T>& a, const Variable<T>& b) {
  return div(a, b);
}

// With a number on one side.
template <std::floating_point T>
Variable<T> operator+(const Variable<T>& x, std::type_identity_t<T> c) {
  return scale_shift(x, T{1}, c);
}
template <std::floating_point T>
Variable<T> operator+(std::type_identity_t<T> c, const Variable<T>& x) {
  return scale_shift(x, T{1}, c);
}
template <std::floating_point T>
Variable<T> operator-(const Variable<T>& x, std::type_identity_t<T> c) {
  return scale_shift(x, T{1}, -c);
}
template <std::floating_point T>
Variable<T> operator-(std::type_identity_t<T> c, const Variable<T>& x) {
  return scale_shift(x, T{-1}, c);
}
template <std::floating_point T>
Variable<T> operator-(const Variable<T>& x) {
  return scale_shift(x, T{-1});
}
template <std::floating_point T>
Variable<T> operator*(const Variable<T>& x, std::type_identity_t<T> c) {
  return scale_shift(x, c);
}
template <std::floating_point T>
Variable<T> operator*(std::type_identity_t<T> c, const Variable<T>& x) {
  return scale_shift(x, c);
}
template <std::floating_point T>
Variable<T> operator/(const Variable<T>& x, std::type_identity_t<T> c) {
  return differentiable("div", kernels::map([c](T v) { return v / c; }, x.value()), wrt(x, [c](Tensor<T> dy) {
                          return kernels::map_in_place([c](T d) { return d / c; }, std::move(dy));
                        }));
}
template <std::floating_point T>
Variable<T> operator/(std::type_identity_t<T> c, const Variable<T>& x) {
  return div(Variable<T>(Tensor<T>::full({}, c)), x);
}

}  // namespace engram
