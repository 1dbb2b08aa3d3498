#pragma once

#include <concepts>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/elementwise.hpp>

namespace engram {

enum class Reduction { mean, sum };

/// Squared differences of x and target, averaged (or summed) over all elements; shape [].
///
/// d/dx = 2 (x - target) / n (n = 1 for the sum).
/// @throws ShapeError if the shapes differ
template <std::floating_point T>
Variable<T> mse_loss(const Variable<T>& x, const Variable<T>& target, Reduction reduction = Reduction::mean) {
  ensure<ShapeError>(x.shape() == target.shape(), "mse_loss: need x and target of one shape, got x ", x.shape(),
                     " and target ", target.shape());
  const double count = reduction == Reduction::mean ? static_cast<double>(x.shape().size()) : 1.0;
  const double total = kernels::map_sum([](T p, T q) { return (p - q) * (p - q); }, x.value(), target.value());
  const auto slope = [x, target, factor = static_cast<T>(2 / count)](const Tensor<T>& dy, T sign) {
    return kernels::map([s = sign * factor * dy[0]](T p, T q) { return s * (p - q); }, x.value(), target.value());
  };
  return differentiable("mse_loss", Tensor<T>::full({}, static_cast<T>(total / count)),
                        wrt(x, [slope](const Tensor<T>& dy) { return slope(dy, T{1}); }),
                        wrt(target, [slope](const Tensor<T>& dy) { return slope(dy, T{-1}); }));
}

}  // namespace engram
