#pragma once

#include <cmath>
#include <concepts>
#include <limits>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

/// Mean of (a - b)^2 over all elements, summed in double.
/// @throws ShapeError unless both have the same shape and an element
template <std::floating_point T>
double mean_squared_error(const Tensor<T>& a, const Tensor<T>& b) {
  ensure<ShapeError>(a.shape() == b.shape() && a.size() > 0, "mean_squared_error: need two tensors of one shape, got ",
                     a.shape(), " and ", b.shape());
  double sum = 0;
  for (Index i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return sum / static_cast<double>(a.size());
}

/// Peak signal-to-noise ratio in decibels: 10 log10(peak^2 / mean squared error) over all elements; infinite where
/// both are equal.
/// @param peak  the largest possible value: 1 for frames scaled to 0..1, 255 for grey levels
/// @throws ShapeError unless both have the same shape, ArgumentError unless peak > 0
template <std::floating_point T>
double psnr(const Tensor<T>& a, const Tensor<T>& b, double peak = 1) {
  ensure<ArgumentError>(peak > 0, "psnr: need peak > 0, got ", peak);
  return 10 * std::log10(peak * peak / mean_squared_error(a, b));
}

/// The same over the elements where `mask` is not 0, as to see how a small part of images fares.
/// @throws ShapeError unless all have the same shape, ArgumentError unless peak > 0 and some element is marked
template <std::floating_point T, class M>
double psnr_within(const Tensor<T>& a, const Tensor<T>& b, const Tensor<M>& mask, double peak = 1) {
  ensure<ShapeError>(a.shape() == b.shape() && a.shape() == mask.shape(),
                     "psnr_within: need tensors of one shape, got ", a.shape(), ", ", b.shape(), " and a mask ",
                     mask.shape());
  ensure<ArgumentError>(peak > 0, "psnr_within: need peak > 0, got ", peak);
  double sum = 0;
  Index count = 0;
  for (Index i = 0; i < a.size(); ++i) {
    if (mask[i] != M{}) {
      const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
      sum += difference * difference;
      ++count;
    }
  }
  ensure<ArgumentError>(count > 0, "psnr_within: need a mask that is not 0 everywhere, got one of ", mask.shape());
  return 10 * std::log10(peak * peak * static_cast<double>(count) / sum);
}

}  // namespace engram::analysis
