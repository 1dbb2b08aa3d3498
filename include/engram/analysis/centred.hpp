#pragma once

#include <utility>

#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>
#include <engram/embed/pca/moments.hpp>
#include <engram/kernels/gemm.hpp>

namespace engram::analysis::detail {

/// Columns in double, each less its mean.
struct CentredColumns {
  Tensor<double> values;   ///< [N, D]
  Tensor<double> mean;     ///< [D]
  Tensor<double> squares;  ///< sum of squares of each column: [D]
};

/// @throws ShapeError, ArgumentError as embed::check_rows()
template <class T>
CentredColumns centred_columns(const char* operation, const char* name, const Tensor<T>& x) {
  embed::check_rows(operation, name, x);
  auto moments = embed::detail::column_moments(operation, x);
  auto values = Tensor<double>::uninitialized(x.shape());
  const Index columns = x.dim(1);
  for (Index i = 0; i < x.dim(0); ++i) {
    for (Index j = 0; j < columns; ++j) {
      values[i * columns + j] = static_cast<double>(x[i * columns + j]) - moments.mean[j];
    }
  }
  return {std::move(values), std::move(moments.mean), std::move(moments.squares)};
}

/// a' b of a [N, P] and b [N, Q]: the inner products of their columns, [P, Q].
inline Tensor<double> column_products(const Tensor<double>& a, const Tensor<double>& b) {
  const Index p = a.dim(1);
  const Index q = b.dim(1);
  auto products = Tensor<double>::uninitialized({p, q});
  kernels::gemm(p, q, a.dim(0), kernels::row_major(a.data(), p).transposed(), kernels::row_major(b.data(), q),
                products.data(), q);
  return products;
}

/// Sum of the squares of all elements.
inline double squared_norm(const Tensor<double>& x) {
  double sum = 0;
  for (const double v : x.elements()) {
    sum += v * v;
  }
  return sum;
}

}  // namespace engram::analysis::detail
