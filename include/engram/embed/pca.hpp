#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <vector>

#include <Eigen/Dense>

#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/kernels/gemm.hpp>

namespace engram::embed {

namespace detail {

template <class T>
using RowMatrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Eigenvalues, largest first, and their eigenvectors as columns.
template <class T>
struct Spectrum {
  Eigen::Vector<T, Eigen::Dynamic> values;
  RowMatrix<T> vectors;
};

/// a b with kernels::gemm.
template <class T>
RowMatrix<T> product(kernels::Matrix<T> a, kernels::Matrix<T> b, Index m, Index n, Index k) {
  RowMatrix<T> c(m, n);
  kernels::gemm(m, n, k, a, b, c.data(), n);
  return c;
}
template <class T>
kernels::Matrix<T> view(const RowMatrix<T>& m) {
  return kernels::row_major(m.data(), m.cols());
}

template <class T>
Spectrum<T> all_eigenpairs(const RowMatrix<T>& symmetric) {
  const Eigen::SelfAdjointEigenSolver<RowMatrix<T>> solver(symmetric);
  ensure<Error>(solver.info() == Eigen::Success, "Pca: the eigenvalues did not converge");
  return {solver.eigenvalues().reverse(), solver.eigenvectors().rowwise().reverse()};
}

/// The `count` largest eigenpairs by block subspace iteration with Rayleigh-Ritz steps, until the residual of each is
/// below 8 eps^(3/4) of the largest eigenvalue; their eigenvalues are then accurate to about its square. From all
/// eigenpairs if that takes too long.
/// Source: Saad, "Numerical methods for large eigenvalue problems", 2011, section 5.2.
template <class T>
Spectrum<T> largest_eigenpairs(const RowMatrix<T>& symmetric, Index count) {
  const Index n = symmetric.rows();
  const Index block = std::min(n, 2 * count + 8);
  if (5 * block >= n) {
    Spectrum<T> all = all_eigenpairs(symmetric);
    return {all.values.head(count), all.vectors.leftCols(count)};
  }
  Rng rng(0);
  RowMatrix<T> basis(n, block);
  for (Index i = 0; i < basis.size(); ++i) {
    basis.data()[i] = static_cast<T>(rng.normal());
  }
  const auto tolerance = static_cast<T>(8 * std::pow(static_cast<double>(std::numeric_limits<T>::epsilon()), 0.75));
  for (int sweep = 0; sweep < 500; ++sweep) {
    basis = Eigen::HouseholderQR<RowMatrix<T>>(basis).householderQ() * RowMatrix<T>::Identity(n, block);
    const RowMatrix<T> image = product(view(symmetric), view(basis), n, block, n);
    const RowMatrix<T> projected = basis.transpose() * image;
    const Spectrum<T> ritz = all_eigenpairs<T>((projected + projected.transpose()) / T{2});
    const RowMatrix<T> vectors = basis * ritz.vectors.leftCols(count);
    const RowMatrix<T> residual = image * ritz.vectors.leftCols(count) - vectors * ritz.values.head(count).asDiagonal();
    if (residual.colwise().norm().maxCoeff() <= tolerance * std::abs(ritz.values(0))) {
      return {ritz.values.head(count), vectors};
    }
    basis = image * ritz.vectors;
  }
  Spectrum<T> all = all_eigenpairs(symmetric);
  return {all.values.head(count), all.vectors.leftCols(count)};
}

}  // namespace detail

struct PcaOptions {
  Index n_components = 0;  ///< 0: as many as there are, min(N, D)
};

/// Principal component analysis: the directions in which the data vary most. Names, signs and the divisor N - 1 are
/// scikit-learn's.
///
/// The eigenvectors of the smaller of covariance [D, D] and Gram matrix [N, N] of the centred data.
/// Source: Jolliffe, "Principal component analysis", 2002, chapters 3 and 5.
template <std::floating_point T>
class Pca {
 public:
  /// Finds the components of the rows of x [N, D].
  /// @throws ShapeError unless x has two axes, ArgumentError unless N >= 2, n_components <= min(N, D) and x
  /// is finite
  explicit Pca(const Tensor<T>& x, const PcaOptions& options = {}) {
    ensure<ShapeError>(x.rank() == 2, "Pca: need x [N, D], got ", x.shape());
    const Index rows = x.dim(0);
    const Index columns = x.dim(1);
    const Index count = options.n_components == 0 ? std::min(rows, columns) : options.n_components;
    ensure<ArgumentError>(rows >= 2 && columns >= 1 && count >= 1 && count <= std::min(rows, columns),
                          "Pca: need x [N, D] with N >= 2 and 1 <= n_components <= min(N, D), got x ", x.shape(),
                          " and ", options.n_components);
    const auto bad = std::ranges::find_if_not(x.elements(), [](T v) { return std::isfinite(v); });
    if (bad != x.elements().end()) {
      fail<ArgumentError>("Pca: need finite x, got ", *bad, " in row ", (bad - x.elements().begin()) / columns);
    }
    mean_ = column_means(x);
    const detail::RowMatrix<T> centred = centre(x);
    total_variance_ = static_cast<double>(centred.squaredNorm()) / static_cast<double>(rows - 1);
    find_components(centred, count);
  }

  /// Components, unit vectors in rows, by falling variance: [K, D].
  const Tensor<T>& components() const { return components_; }
  /// Variance along each: [K].
  const Tensor<T>& explained_variance() const { return explained_variance_; }
  /// Their share of the variance of all: [K].
  Tensor<T> explained_variance_ratio() const {
    Tensor<T> ratio = explained_variance_;
    for (T& r : ratio.elements()) {
      r = total_variance_ > 0 ? static_cast<T>(static_cast<double>(r) / total_variance_) : T{0};
    }
    return ratio;
  }
  /// Mean of the rows: [D].
  const Tensor<T>& mean() const { return mean_; }

  /// Rows x [N, D] to their coordinates [N, K] along the components.
  /// @throws ShapeError unless x has the D columns of the data that were fitted
  Tensor<T> transform(const Tensor<T>& x) const {
    ensure<ShapeError>(x.rank() == 2 && x.dim(1) == mean_.size(), "Pca: need x [N, ", mean_.size(), "], got ",
                       x.shape());
    const detail::RowMatrix<T> centred = centre(x);
    auto out = Tensor<T>::uninitialized({x.dim(0), components_.dim(0)});
    kernels::gemm(x.dim(0), components_.dim(0), x.dim(1), detail::view(centred),
                  kernels::row_major(components_.data(), x.dim(1)).transposed(), out.data(), components_.dim(0));
    return out;
  }

  /// Coordinates [N, K] to the rows [N, D] that they stand for.
  /// @throws ShapeError unless there are K coordinates
  Tensor<T> inverse_transform(const Tensor<T>& codes) const {
    const Index count = components_.dim(0);
    ensure<ShapeError>(codes.rank() == 2 && codes.dim(1) == count, "Pca: need codes [N, ", count, "], got ",
                       codes.shape());
    auto out = Tensor<T>::uninitialized({codes.dim(0), mean_.size()});
    for (Index i = 0; i < codes.dim(0); ++i) {
      std::copy_n(mean_.data(), mean_.size(), out.data() + i * mean_.size());
    }
    kernels::gemm(codes.dim(0), mean_.size(), count, kernels::row_major(codes.data(), count),
                  kernels::row_major(components_.data(), mean_.size()), out.data(), mean_.size(), kernels::Store::add);
    return out;
  }

 private:
  static Tensor<T> column_means(const Tensor<T>& x) {
    std::vector<double> sums(static_cast<std::size_t>(x.dim(1)), 0.0);
    for (Index i = 0; i < x.size(); ++i) {
      sums[static_cast<std::size_t>(i % x.dim(1))] += static_cast<double>(x[i]);
    }
    auto mean = Tensor<T>::uninitialized({x.dim(1)});
    std::ranges::transform(sums, mean.data(),
                           [&](double sum) { return static_cast<T>(sum / static_cast<double>(x.dim(0))); });
    return mean;
  }

  detail::RowMatrix<T> centre(const Tensor<T>& x) const {
    detail::RowMatrix<T> centred(x.dim(0), x.dim(1));
    for (Index i = 0; i < x.size(); ++i) {
      centred.data()[i] = x[i] - mean_[i % x.dim(1)];
    }
    return centred;
  }

  void find_components(const detail::RowMatrix<T>& x, Index count) {
    const Index rows = x.rows();
    const Index columns = x.cols();
    const kernels::Matrix<T> all = detail::view(x);
    detail::RowMatrix<T> directions;  // [D, K]
    detail::RowMatrix<T> scores;      // [N, K]
    if (columns <= rows) {
      directions =
          detail::largest_eigenpairs<T>(detail::product(all.transposed(), all, columns, columns, rows), count).vectors;
      scores = detail::product(all, detail::view(directions), rows, count, columns);
    } else {
      const detail::RowMatrix<T> left =
          detail::largest_eigenpairs<T>(detail::product(all, all.transposed(), rows, rows, columns), count).vectors;
      directions = orthonormal(detail::product(all.transposed(), detail::view(left), columns, count, rows));
      scores = detail::product(all, detail::view(directions), rows, count, columns);
    }
    components_ = Tensor<T>::uninitialized({count, columns});
    explained_variance_ = Tensor<T>::uninitialized({count});
    for (Index k = 0; k < count; ++k) {
      Index largest = 0;
      scores.col(k).cwiseAbs().maxCoeff(&largest);
      const T sign = scores(largest, k) < 0 ? T{-1} : T{1};
      for (Index d = 0; d < columns; ++d) {
        components_[k * columns + d] = sign * directions(d, k);
      }
      explained_variance_[k] = scores.col(k).squaredNorm() / static_cast<T>(rows - 1);
    }
  }

  /// Orthonormal columns with the same leading directions; columns of no length are replaced.
  static detail::RowMatrix<T> orthonormal(const detail::RowMatrix<T>& m) {
    const Eigen::HouseholderQR<detail::RowMatrix<T>> qr(m);
    return qr.householderQ() * detail::RowMatrix<T>::Identity(m.rows(), m.cols());
  }

  Tensor<T> mean_;
  Tensor<T> components_;
  Tensor<T> explained_variance_;
  double total_variance_ = 0;
};

}  // namespace engram::embed
