#pragma once

#include <concepts>
#include <numbers>
#include <type_traits>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/elementwise.hpp>
#include <engram/kernels/simd/math.hpp>

// Element-wise non-linearities on any shape. Names, parameters and defaults are PyTorch's.

namespace engram {

namespace detail {

/// y = f(x) with the derivative slope(x); keeps x.
template <class T, class F, class G>
Variable<T> pointwise(std::string_view op, const Variable<T>& x, F f, G slope) {
  return differentiable(op, kernels::map(f, x.value()), wrt(x, [x, slope](Tensor<T> dy) {
                          return kernels::map_in_place([slope](T d, T v) { return d * slope(v); }, std::move(dy),
                                                       x.value());
                        }));
}

/// y = f(x) with the derivative slope(y) told from the result; keeps nothing but it.
template <class T, class F, class G>
Variable<T> pointwise_by_result(std::string_view op, const Variable<T>& x, F f, G slope) {
  return differentiable(op, kernels::map(f, x.value()), wrt(x, [slope](Tensor<T> dy, const Tensor<T>& y) {
                          return kernels::map_in_place([slope](T d, T v) { return d * slope(v); }, std::move(dy), y);
                        }));
}

}  // namespace detail

/// max(x, 0); the derivative at 0 is 0, at NaN 1, and NaN stays NaN, as in PyTorch.
template <std::floating_point T>
Variable<T> relu(const Variable<T>& x) {
  return differentiable("relu", kernels::map([](T v) { return v < T{0} ? T{0} : v; }, x.value()),
                        wrt(x, [](Tensor<T> dy, const Tensor<T>& y) {
                          return kernels::map_in_place([](T d, T v) { return v <= T{0} ? T{0} : d; }, std::move(dy), y);
                        }));
}

/// x where it is positive, negative_slope * x elsewhere.
/// Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models", 2013.
template <std::floating_point T>
Variable<T> leaky_relu(const Variable<T>& x, std::type_identity_t<T> negative_slope = T(0.01)) {
  const auto leak = [negative_slope](T passed, T v) {
    const T below = negative_slope * passed;  // computed for all: a loop without branches becomes vectors
    return v > T{0} ? passed : below;
  };
  return differentiable(
      "leaky_relu", kernels::map([leak](T v) { return leak(v, v); }, x.value()),
      wrt(x, [x, leak](Tensor<T> dy) { return kernels::map_in_place(leak, std::move(dy), x.value()); }));
}

/// x where it is positive, alpha (e^x - 1) elsewhere.
/// Source: Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units",
/// ICLR 2016.
template <std::floating_point T>
Variable<T> elu(const Variable<T>& x, std::type_identity_t<T> alpha = T(1)) {
  return detail::pointwise(
      "elu", x,
      [=](T v) {
        const T below = alpha * kernels::simd::expm1(v);
        return v > T{0} ? v : below;
      },
      [=](T v) {
        const T below = alpha * kernels::simd::exp(v);
        return v > T{0} ? T{1} : below;
      });
}

/// x Phi(x), Phi the standard normal's distribution function, by the error function (PyTorch's approximate='none').
/// Source: Hendrycks, Gimpel, "Gaussian error linear units", arXiv:1606.08415.
template <std::floating_point T>
Variable<T> gelu(const Variable<T>& x) {
  constexpr T root_half = T(1) / std::numbers::sqrt2_v<T>;
  constexpr T density_at_0 = std::numbers::inv_sqrtpi_v<T> * root_half;
  return detail::pointwise(
      "gelu", x, [](T v) { return v * (T(0.5) + T(0.5) * kernels::simd::erf(v * root_half)); },
      [](T v) {
        return T(0.5) + T(0.5) * kernels::simd::erf(v * root_half) +
               v * density_at_0 * kernels::simd::exp(T(-0.5) * v * v);
      });
}

/// x sigmoid(x), also known as swish.
/// Source: Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units", Neural Networks 107, 2018.
template <std::floating_point T>
Variable<T> silu(const Variable<T>& x) {
  return detail::pointwise(
      "silu", x, [](T v) { return v * kernels::simd::sigmoid(v); },
      [](T v) {
        const T s = kernels::simd::sigmoid(v);
        return s * (T{1} + v * (T{1} - s));
      });
}

/// 1 / (1 + e^-x).
template <std::floating_point T>
Variable<T> sigmoid(const Variable<T>& x) {
  return detail::pointwise_by_result(
      "sigmoid", x, [](T v) { return kernels::simd::sigmoid(v); }, [](T y) { return y * (T{1} - y); });
}

/// Hyperbolic tangent.
template <std::floating_point T>
Variable<T> tanh(const Variable<T>& x) {
  return detail::pointwise_by_result(
      "tanh", x, [](T v) { return kernels::simd::tanh(v); }, [](T y) { return (T{1} - y) * (T{1} + y); });
}

/// log(1 + e^(beta x)) / beta, as max(x, 0) + log(1 + e^-|beta x|) / beta, which does not overflow. (PyTorch returns x
/// itself for beta x > 20, where the two agree in float.)
template <std::floating_point T>
Variable<T> softplus(const Variable<T>& x, std::type_identity_t<T> beta = T(1)) {
  ensure<ArgumentError>(beta > T{0}, "softplus: need beta > 0, got ", beta);
  return detail::pointwise(
      "softplus", x,
      [=](T v) {
        const T z = beta * v;
        return ((z < T{0} ? T{0} : z) + kernels::simd::log1p_exp_minus(z < T{0} ? -z : z)) / beta;
      },
      [=](T v) { return kernels::simd::sigmoid(beta * v); });
}

}  // namespace engram
