#pragma once

#include <cmath>
#include <concepts>
#include <string_view>
#include <type_traits>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/elementwise.hpp>
#include <engram/kernels/simd/math.hpp>

// Losses that compare x with a target of the same shape, element by element. Names and defaults are PyTorch's.

namespace engram {

/// What is made of the elements' losses: their mean or sum, shape [], or nothing: the shape of x.
enum class Reduction { mean, sum, none };

namespace detail {

/// loss(x, target) for each element, reduced; slope_x and slope_target are its derivatives.
/// @throws ShapeError if the shapes differ
template <class T, class F, class Gx, class Gt>
Variable<T> elementwise_loss(std::string_view op, const Variable<T>& x, const Variable<T>& target, Reduction reduction,
                             F loss, Gx slope_x, Gt slope_target) {
  ensure<ShapeError>(x.shape() == target.shape(), op, ": need x and target of one shape, got x ", x.shape(),
                     " and target ", target.shape());
  const bool reduced = reduction != Reduction::none;
  const double count = reduction == Reduction::mean ? static_cast<double>(x.shape().size()) : 1.0;
  const auto chain = [x, target, reduced, factor = static_cast<T>(1 / count)](auto slope) {
    return [=](Tensor<T> dy) {
      return kernels::map_in_place([slope](T d, T p, T q) { return d * slope(p, q); },
                                   reduced ? Tensor<T>::full(x.shape(), factor * dy[0]) : std::move(dy), x.value(),
                                   target.value());
    };
  };
  Tensor<T> y = reduced ? Tensor<T>::full({}, static_cast<T>(kernels::map_sum(loss, x.value(), target.value()) / count))
                        : kernels::map(loss, x.value(), target.value());
  return differentiable(op, std::move(y), wrt(x, chain(slope_x)), wrt(target, chain(slope_target)));
}

}  // namespace detail

/// (x - target)^2.
/// @throws ShapeError if the shapes differ
template <std::floating_point T>
Variable<T> mse_loss(const Variable<T>& x, const Variable<T>& target, Reduction reduction = Reduction::mean) {
  return detail::elementwise_loss(
      "mse_loss", x, target, reduction, [](T p, T q) { return (p - q) * (p - q); },
      [](T p, T q) { return T{2} * (p - q); }, [](T p, T q) { return T{2} * (q - p); });
}

/// |x - target|; the derivative where they agree is 0.
/// @throws ShapeError if the shapes differ
template <std::floating_point T>
Variable<T> l1_loss(const Variable<T>& x, const Variable<T>& target, Reduction reduction = Reduction::mean) {
  const auto sign = [](T d) { return d > T{0} ? T{1} : (d < T{0} ? T{-1} : d); };  // 0 and NaN are their own
  return detail::elementwise_loss(
      "l1_loss", x, target, reduction, [](T p, T q) { return std::abs(p - q); },
      [sign](T p, T q) { return sign(p - q); }, [sign](T p, T q) { return sign(q - p); });
}

/// d^2 / 2 where |d| <= delta and delta (|d| - delta / 2) elsewhere, with d = x - target.
/// @throws ShapeError if the shapes differ, ArgumentError unless delta > 0
/// Source: Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35, 1964.
template <std::floating_point T>
Variable<T> huber_loss(const Variable<T>& x, const Variable<T>& target, Reduction reduction = Reduction::mean,
                       std::type_identity_t<T> delta = T(1)) {
  ensure<ArgumentError>(delta > T{0}, "huber_loss: need delta > 0, got ", delta);
  const auto slope = [delta](T d) {
    const T low = d < -delta ? -delta : d;
    return low > delta ? delta : low;
  };
  return detail::elementwise_loss(
      "huber_loss", x, target, reduction,
      [delta](T p, T q) {
        const T size = std::abs(p - q);
        const T linear = delta * (size - T(0.5) * delta);
        const T quadratic = T(0.5) * size * size;
        return size > delta ? linear : quadratic;
      },
      [slope](T p, T q) { return slope(p - q); }, [slope](T p, T q) { return slope(q - p); });
}

/// Cross entropy of the probability sigmoid(x) and a target in [0, 1]: max(x, 0) - x target + log(1 + e^-|x|), which
/// does not overflow.
/// @throws ShapeError if the shapes differ
template <std::floating_point T>
Variable<T> bce_with_logits(const Variable<T>& x, const Variable<T>& target, Reduction reduction = Reduction::mean) {
  return detail::elementwise_loss(
      "bce_with_logits", x, target, reduction,
      [](T p, T q) {
        const T right = p * (T{1} - q);  // max(x, 0) - x target on either side of 0: no difference of infinities
        const T left = -p * q;
        return (p > T{0} ? right : left) + kernels::simd::log1p_exp_minus(std::abs(p));
      },
      [](T p, T q) { return kernels::simd::sigmoid(p) - q; }, [](T p, T) { return -p; });
}

}  // namespace engram
