#pragma once

#include <cmath>
#include <concepts>

#include <engram/kernels/simd/square_root.hpp>
#include <engram/ops/activation.hpp>

// Elementary functions, element by element on any shape.

namespace engram {

/// e^x.
template <std::floating_point T>
Variable<T> exp(const Variable<T>& x) {
  return detail::pointwise_by_result(
      "exp", x, [](T v) { return kernels::simd::exp(v); }, [](T y) { return y; });
}

/// Natural logarithm; NaN below 0, -infinity at 0.
template <std::floating_point T>
Variable<T> log(const Variable<T>& x) {
  return detail::pointwise(
      "log", x, [](T v) { return kernels::simd::log(v); }, [](T v) { return T{1} / v; });
}

/// Square root; NaN below 0. Its derivative at 0 is infinite.
template <std::floating_point T>
Variable<T> sqrt(const Variable<T>& x) {
  return detail::pointwise_by_result(
      "sqrt", x, [](T v) { return kernels::simd::square_root(v); }, [](T y) { return T(0.5) / y; });
}

/// |x|; the derivative at 0 is 0, as in PyTorch.
template <std::floating_point T>
Variable<T> abs(const Variable<T>& x) {
  return detail::pointwise(
      "abs", x, [](T v) { return std::abs(v); }, [](T v) { return v > T{0} ? T{1} : (v < T{0} ? T{-1} : v); });
}

/// x^2.
template <std::floating_point T>
Variable<T> square(const Variable<T>& x) {
  return detail::pointwise(
      "square", x, [](T v) { return v * v; }, [](T v) { return T{2} * v; });
}

/// Sine of x in radians.
template <std::floating_point T>
Variable<T> sin(const Variable<T>& x) {
  return detail::pointwise(
      "sin", x, [](T v) { return std::sin(v); }, [](T v) { return std::cos(v); });
}

/// Cosine of x in radians.
template <std::floating_point T>
Variable<T> cos(const Variable<T>& x) {
  return detail::pointwise(
      "cos", x, [](T v) { return std::cos(v); }, [](T v) { return -std::sin(v); });
}

/// x moved into [low, high]; the derivative is 1 within, ends included, and 0 outside. NaN stays NaN.
/// @throws ArgumentError unless low <= high
template <std::floating_point T>
Variable<T> clamp(const Variable<T>& x, std::type_identity_t<T> low, std::type_identity_t<T> high) {
  ensure<ArgumentError>(low <= high, "clamp: need low <= high, got ", low, " and ", high);
  return differentiable("clamp",
                        kernels::map(
                            [=](T v) {
                              const T above = v < low ? low : v;
                              return above > high ? high : above;
                            },
                            x.value()),
                        wrt(x, [=](Tensor<T> dy) {
                          return kernels::map_in_place(
                              [=](T d, T v) {
                                const T not_above = v <= high ? d : T{0};
                                return v >= low ? not_above : T{0};
                              },
                              std::move(dy), x.value());
                        }));
}

}  // namespace engram
