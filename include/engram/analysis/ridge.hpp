#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <utility>

#include <engram/analysis/centred.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/linear_algebra/eigenpairs.hpp>
#include <engram/embed/neighbors/check_rows.hpp>
#include <engram/kernels/gemm.hpp>

namespace engram::analysis {

/// A linear function of D numbers with K results: y = coefficients x + intercept.
struct RidgeModel {
  Tensor<double> coefficients;  ///< [K, D]
  Tensor<double> intercept;     ///< [K]

  /// The results for each row of x [Q, D]: [Q, K]; Q may be 0.
  /// @throws ShapeError unless x has D columns; ArgumentError for entries that are not finite
  template <std::floating_point T>
  Tensor<double> predict(const Tensor<T>& x) const {
    const Index targets = coefficients.dim(0);
    const Index columns = coefficients.dim(1);
    ensure<ShapeError>(x.rank() == 2 && x.dim(1) == columns, "RidgeModel: need x [Q, ", columns, "], got ", x.shape());
    if (x.dim(0) > 0) {
      embed::check_rows("RidgeModel", "x", x);
    }
    auto y = Tensor<double>::uninitialized({x.dim(0), targets});
    for (Index i = 0; i < x.dim(0); ++i) {
      std::copy_n(intercept.data(), targets, y.data() + i * targets);
    }
    const Tensor<double> wide = cast<double>(x);
    kernels::gemm(x.dim(0), targets, columns, kernels::row_major(wide.data(), columns),
                  kernels::row_major(coefficients.data(), columns).transposed(), y.data(), targets,
                  kernels::Store::add);
    return y;
  }
};

/// Ridge regression on x [N, D], factored once for any number of targets: `RidgeSolver(x).fit(y)`.
///
/// Minimises |y - x w - b|^2 + alpha |w|^2, whose intercept b is not penalised: scikit-learn's Ridge(alpha). All sums
/// are in double, of centred columns. Directions in which x does not vary get no weight, so that alpha = 0 gives the
/// shortest least-squares solution. Holds a centred copy of x in double.
/// Source: Hoerl, Kennard, "Ridge regression: biased estimation for nonorthogonal problems", Technometrics 12(1), 1970.
class RidgeSolver {
 public:
  /// @param alpha  weight of the penalty, >= 0
  /// @throws ShapeError unless x has two axes; ArgumentError unless N, D >= 1, x is finite and alpha is finite, >= 0
  template <std::floating_point T>
  explicit RidgeSolver(const Tensor<T>& x, double alpha = 1.0)
      : x_(detail::centred_columns("RidgeSolver", "x", x)), inverse_(Tensor<double>::zeros({x.dim(1), x.dim(1)})) {
    ensure<ArgumentError>(alpha >= 0 && std::isfinite(alpha), "RidgeSolver: need a finite alpha >= 0, got ", alpha);
    const Index d = x.dim(1);
    const Tensor<double> gram = detail::column_products(x_.values, x_.values);
    const embed::SymmetricEigen eigen = embed::eigen_symmetric(gram.data(), d);
    const double noise = std::numeric_limits<double>::epsilon() * static_cast<double>(d) * eigen.values[0];
    for (Index k = 0; k < d; ++k) {
      const double* v = eigen.vectors.data() + k * d;
      for (Index at = 0; at < d * d && eigen.values[k] > noise; ++at) {
        inverse_[at] += v[at / d] * v[at % d] / (eigen.values[k] + alpha);
      }
    }
  }

  /// @param y  targets [N, K]; each column is fitted on its own
  /// @throws ShapeError unless y has two axes and N rows; ArgumentError for entries that are not finite
  template <std::floating_point T>
  RidgeModel fit(const Tensor<T>& y) const {
    ensure<ShapeError>(y.rank() == 2 && y.dim(0) == x_.values.dim(0), "RidgeSolver: need y [", x_.values.dim(0),
                       ", K], got ", y.shape());
    const detail::CentredColumns targets = detail::centred_columns("RidgeSolver", "y", y);
    const Index d = x_.values.dim(1);
    const Index count = y.dim(1);
    const Tensor<double> products = detail::column_products(targets.values, x_.values);
    RidgeModel model{Tensor<double>::uninitialized({count, d}), targets.mean};
    kernels::gemm(count, d, d, kernels::row_major(products.data(), d), kernels::row_major(inverse_.data(), d),
                  model.coefficients.data(), d);
    for (Index k = 0; k < count; ++k) {
      for (Index j = 0; j < d; ++j) {
        model.intercept[k] -= model.coefficients[k * d + j] * x_.mean[j];
      }
    }
    return model;
  }

 private:
  detail::CentredColumns x_;
  Tensor<double> inverse_;  // of x' x + alpha, [D, D]
};

/// Ridge regression of y [N, K] on x [N, D], as RidgeSolver: `fit_ridge(x, y).predict(queries)`.
/// @throws as RidgeSolver
template <std::floating_point T, std::floating_point U>
RidgeModel fit_ridge(const Tensor<T>& x, const Tensor<U>& y, double alpha = 1.0) {
  return RidgeSolver(x, alpha).fit(y);
}

}  // namespace engram::analysis
