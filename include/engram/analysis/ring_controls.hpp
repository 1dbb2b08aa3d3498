#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <vector>

#include <engram/analysis/centred.hpp>
#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/linear_algebra/eigenpairs.hpp>
#include <engram/embed/neighbors/check_rows.hpp>
#include <engram/kernels/gemm.hpp>

// Data that have no ring where codes may have one, for ring_score() to compare with: what the codes show beyond them is
// neither in the columns nor in how pairs of them go together.

namespace engram::analysis {

/// x [N, D] with the entries of each column in an order of their own: columns keep their distributions and have nothing
/// to do with each other any more.
/// @throws ShapeError unless x has two axes; ArgumentError unless N, D >= 1 and entries are finite
template <std::floating_point T>
Tensor<T> shuffled_columns(const Tensor<T>& x, Rng& rng) {
  embed::check_rows("shuffled_columns", "x", x);
  auto shuffled = Tensor<T>::uninitialized(x.shape());
  const Index columns = x.dim(1);
  for (Index j = 0; j < columns; ++j) {
    const std::vector<Index> order = rng.permutation(x.dim(0));
    for (Index i = 0; i < x.dim(0); ++i) {
      shuffled[i * columns + j] = x[order[static_cast<std::size_t>(i)] * columns + j];
    }
  }
  return shuffled;
}

/// N draws from the normal distribution that has the mean and the covariance matrix of x [N, D].
/// @throws as shuffled_columns(); ArgumentError unless N >= 2
template <std::floating_point T>
Tensor<T> normal_rows_like(const Tensor<T>& x, Rng& rng) {
  const detail::CentredColumns centred = detail::centred_columns("normal_rows_like", "x", x);
  const Index rows = x.dim(0);
  const Index columns = x.dim(1);
  ensure<ArgumentError>(rows >= 2, "normal_rows_like: need x [N, D] with N >= 2, got ", x.shape());
  embed::SymmetricEigen axes =
      embed::eigen_symmetric(detail::column_products(centred.values, centred.values).data(), columns);
  for (Index at = 0; at < axes.vectors.size(); ++at) {  // each axis as long as a standard deviation along it
    axes.vectors[at] *= std::sqrt(std::max(0.0, axes.values[at / columns]) / static_cast<double>(rows - 1));
  }
  auto along_axes = Tensor<double>::uninitialized({rows, columns});
  for (double& value : along_axes.elements()) {
    value = rng.normal();
  }
  auto drawn = Tensor<double>::uninitialized({rows, columns});
  kernels::gemm(rows, columns, columns, kernels::row_major(along_axes.data(), columns),
                kernels::row_major(axes.vectors.data(), columns), drawn.data(), columns);
  for (Index at = 0; at < drawn.size(); ++at) {
    drawn[at] += centred.mean[at % columns];
  }
  return cast<T>(drawn);
}

}  // namespace engram::analysis
