#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>

#include <engram/analysis/centred.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

/// Linear centred kernel alignment: |y' x|^2 / (|x' x| |y' y|) in Frobenius norms, columns centred. From 0 to 1; the
/// same for codes that are turned, mirrored, moved or scaled as a whole, but not under other linear maps.
///
/// With few rows for the number of columns it is biased upwards: two sets of independent noise of D columns get about
/// D / (D + N). Matrices of columns are all it needs, none of N x N.
/// @param x, y  codes of the same N frames, [N, D] and [N, E]
/// @throws ShapeError unless both have two axes and N rows; ArgumentError for entries that are not finite or codes that
/// do not vary
/// Source: Kornblith, Norouzi, Lee, Hinton, "Similarity of neural network representations revisited", ICML 2019.
template <std::floating_point T, std::floating_point U>
double linear_cka(const Tensor<T>& x, const Tensor<U>& y) {
  ensure<ShapeError>(x.rank() == 2 && y.rank() == 2 && x.dim(0) == y.dim(0),
                     "linear_cka: need x [N, D] and y [N, E], got ", x.shape(), " and ", y.shape());
  const Tensor<double> a = detail::centred_columns("linear_cka", "x", x).values;
  const Tensor<double> b = detail::centred_columns("linear_cka", "y", y).values;
  const double within_x = std::sqrt(detail::squared_norm(detail::column_products(a, a)));
  const double within_y = std::sqrt(detail::squared_norm(detail::column_products(b, b)));
  ensure<ArgumentError>(within_x > 0 && within_y > 0,
                        "linear_cka: need codes that vary, got rows that are all equal in ", within_x > 0 ? "y" : "x");
  return std::min(1.0, detail::squared_norm(detail::column_products(a, b)) / within_x / within_y);
}

}  // namespace engram::analysis
