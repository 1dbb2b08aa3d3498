#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/pca/axes.hpp>
#include <engram/embed/pca/check.hpp>
#include <engram/embed/pca/model.hpp>
#include <engram/embed/pca/moments.hpp>
#include <engram/embed/pca/options.hpp>

namespace engram::embed {

/// Principal component analysis: the directions in which the data vary most. Names, meanings and the divisor N - 1 are
/// scikit-learn's: `Pca<float> pca({.n_components = 16}); auto codes = pca.fit_transform(x);`
///
/// Data are centred in double while they are read, so that large means do not hide small variances, and never copied as
/// a whole. Components are orthonormal whatever the data: directions in which nothing varies are chosen. Squares are
/// summed in double: deviations from the mean below about 1e-150 are lost.
///
/// Signs are those of scikit-learn before 1.5: of the coordinates along a component, the largest in size is positive.
/// Since 1.5 scikit-learn makes the largest element of the component itself positive.
/// Source: Jolliffe, "Principal component analysis", 2002, chapters 3 and 5.
template <std::floating_point T>
class Pca : public PcaModel<T> {
 public:
  explicit Pca(const PcaOptions& options = {}) : options_(options) {}
  /// Fits x at once.
  explicit Pca(const Tensor<T>& x, const PcaOptions& options = {}) : Pca(options) { fit(x); }
  /// One that has been fitted before, as load_pca makes it.
  /// @throws ShapeError, ArgumentError as the constructor of PcaModel does
  static Pca from(PcaResult<T> result) {
    Pca pca({.n_components = result.components.dim(0), .whiten = result.whiten});
    static_cast<PcaModel<T>&>(pca) = PcaModel<T>(std::move(result));
    return pca;
  }

  /// Finds the components of the rows of x [N, D].
  /// @throws ShapeError unless x has two axes, ArgumentError unless N >= 2, n_components <= min(N, D), x is finite and
  /// T can hold the variance of all columns together
  Pca& fit(const Tensor<T>& x) {
    fit_codes(x);
    return *this;
  }

  /// Finds the components of the rows of x [N, D] and their coordinates [N, K]; cheaper than one after the other.
  Tensor<T> fit_transform(const Tensor<T>& x) {
    auto codes = fit_codes(x);
    this->whiten(codes);
    return codes;
  }

 private:
  Tensor<T> fit_codes(const Tensor<T>& x) {
    check(x);
    const detail::ColumnMoments moments = detail::column_moments("Pca", x);
    const auto squares = moments.squares.elements();
    const double total = std::accumulate(squares.begin(), squares.end(), 0.0);
    detail::check_variance<T>("Pca", total, x.dim(0));
    detail::PrincipalAxes<T> axes =
        detail::principal_axes(x, moments.mean, total, options_.n_components, options_.svd_solver);

    static_cast<PcaModel<T>&>(*this) = PcaModel<T>(
        detail::make_result<T>(axes.squares, total, axes.directions, moments.mean, x.dim(0), options_.whiten));
    set_signs(this->result_.components, axes.codes);
    return std::move(axes.codes);
  }

  void check(const Tensor<T>& x) const {
    ensure<ShapeError>(x.rank() == 2, "Pca: need x [N, D], got ", x.shape());
    const Index most = std::min(x.dim(0), x.dim(1));
    const Index count = options_.n_components.count();
    ensure<ArgumentError>(x.dim(0) >= 2 && x.dim(1) >= 1 && count >= 0 && count <= most,
                          "Pca: need x [N, D] with N >= 2 and n_components <= min(N, D), got x ", x.shape(), " and ",
                          count);
    ensure<ArgumentError>(options_.svd_solver != PcaSolver::truncated || count > 0,
                          "Pca: need a count as n_components for the truncated solver");
  }

  /// Makes the coordinate of largest size along each component positive.
  static void set_signs(Tensor<T>& components, Tensor<T>& codes) {
    const Index count = components.dim(0);
    const Index columns = components.dim(1);
    for (Index k = 0; k < count; ++k) {
      T largest{0};
      for (Index i = 0; i < codes.dim(0); ++i) {
        const T code = codes[i * count + k];
        largest = std::abs(code) > std::abs(largest) ? code : largest;
      }
      if (largest < T{0}) {
        for (Index d = 0; d < columns; ++d) {
          components[k * columns + d] = -components[k * columns + d];
        }
        for (Index i = 0; i < codes.dim(0); ++i) {
          codes[i * count + k] = -codes[i * count + k];
        }
      }
    }
  }

  PcaOptions options_;
};

}  // namespace engram::embed
