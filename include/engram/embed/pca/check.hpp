#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::embed::detail {

template <class T>
inline constexpr double largest_number = static_cast<double>(std::numeric_limits<T>::max());

/// Of a vector whose elements T can hold and whose square double can.
template <class T>
double largest_length() {
  return std::min(largest_number<T>, std::sqrt(largest_number<double>));
}

/// @throws ShapeError unless an array of a model has the shape, ArgumentError unless all of it lies between the bounds
template <class T>
void check_array(const char* name, const Tensor<T>& values, const Shape& shape, double least, double most) {
  ensure<ShapeError>(values.shape() == shape, "Pca: need ", name, " ", shape, ", got ", values.shape());
  for (Index i = 0; i < values.size(); ++i) {
    const auto value = static_cast<double>(values[i]);
    ensure<ArgumentError>(value >= least && value <= most, "Pca: need ", name, " from ", static_cast<T>(least), " to ",
                          static_cast<T>(most), ", got ", values[i], " at position ", i);
  }
}

/// What every model has: components [K, D], singular values [K] and mean [D].
/// @throws ShapeError unless they fit together and 1 <= K <= D, ArgumentError unless components have length 1, the
/// others are numbers of T, singular values at least 0, and samples from 2 to 2^53
template <class T>
void check_basis(const Tensor<T>& components, const Tensor<T>& singular_values, const Tensor<double>& mean,
                 Index samples) {
  constexpr double tolerance = 1e-3;  // float's rounding errors are far below
  constexpr Index most_samples = Index{1} << 53;
  const Index count = components.dim(0);
  const Index columns = components.dim(1);
  ensure<ShapeError>(components.rank() == 2 && count >= 1 && count <= columns,
                     "Pca: need components [K, D] with 1 <= K <= D, got ", components.shape());
  for (Index k = 0; k < count; ++k) {
    double squares = 0;
    for (Index d = 0; d < columns; ++d) {
      const auto value = static_cast<double>(components[k * columns + d]);
      squares += value * value;
    }
    ensure<ArgumentError>(std::abs(squares - 1) <= tolerance, "Pca: need components of length 1, got length ",
                          std::sqrt(squares), " in row ", k);
  }
  check_array("singular_values", singular_values, {count}, 0, largest_length<T>());
  check_array("mean", cast<T>(mean), {columns}, -largest_number<T>, largest_number<T>);
  ensure<ArgumentError>(samples >= 2 && samples <= most_samples, "Pca: need n_samples from 2 to ", most_samples,
                        ", got ", samples);
}

/// @throws ArgumentError unless T can hold the variance of all columns together, which no other variance exceeds
/// @param total  sum of all squared deviations from the mean
template <class T>
void check_variance(const char* operation, double total, Index samples) {
  const double variance = total / static_cast<double>(samples - 1);
  ensure<ArgumentError>(variance <= largest_number<T>, operation, ": need data of a total variance of at most ",
                        std::numeric_limits<T>::max(), ", got ", variance);
}

}  // namespace engram::embed::detail
