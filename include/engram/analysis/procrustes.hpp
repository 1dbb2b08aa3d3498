#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <utility>

#include <engram/analysis/centred.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/procrustes.hpp>

namespace engram::analysis {

namespace detail {

/// Centred, of norm 1, with columns of zeros up to `columns`.
template <class T>
Tensor<double> standard_shape(const char* name, const Tensor<T>& x, Index columns) {
  const Tensor<double> centred = centred_columns("procrustes_disparity", name, x).values;
  const double norm = std::sqrt(squared_norm(centred));
  ensure<ArgumentError>(norm > 0, "procrustes_disparity: need points that vary, got rows that are all equal in ", name);
  auto shape = Tensor<double>::zeros({x.dim(0), columns});
  for (Index at = 0; at < x.size(); ++at) {
    shape[at / x.dim(1) * columns + at % x.dim(1)] = centred[at] / norm;
  }
  return shape;
}

}  // namespace detail

/// What is left of the squared differences between two sets of points after the best shift, turn, mirroring and scaling
/// of y, each set centred and of norm 1: from 0 (the same shape) to 1. scipy.spatial.procrustes' disparity, 1 - s^2
/// where s is the sum of the singular values of x' y. The same if x and y change places.
/// @param x, y  points of the same N frames, [N, D] and [N, E]; the one with fewer columns gets columns of zeros
/// @throws ShapeError unless both have two axes and N rows; ArgumentError for entries that are not finite or points
/// that are all equal
/// Source: Gower, "Generalized Procrustes analysis", Psychometrika 40, 1975.
template <std::floating_point T, std::floating_point U>
double procrustes_disparity(const Tensor<T>& x, const Tensor<U>& y) {
  ensure<ShapeError>(x.rank() == 2 && y.rank() == 2 && x.dim(0) == y.dim(0),
                     "procrustes_disparity: need x [N, D] and y [N, E], got ", x.shape(), " and ", y.shape());
  const Index columns = std::max(x.dim(1), y.dim(1));
  const Tensor<double> a = detail::standard_shape("x", x, columns);
  const Tensor<double> b = detail::standard_shape("y", y, columns);
  const Tensor<double> products = detail::column_products(a, b);
  const Tensor<double> turn = embed::detail::nearest_orthogonal(products);
  double scale = 0;  // the sum of the singular values
  for (Index at = 0; at < products.size(); ++at) {
    scale += products[at] * turn[at];
  }
  return std::clamp(1 - scale * scale, 0.0, 1.0);
}

}  // namespace engram::analysis
