#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/pca/check.hpp>
#include <engram/embed/pca/moments.hpp>
#include <engram/embed/pca/product.hpp>
#include <engram/kernels/gemm.hpp>

namespace engram::embed {

/// What a principal component analysis finds: of N rows of D columns, K directions.
template <std::floating_point T>
struct PcaResult {
  Tensor<T> components;                ///< unit vectors, by falling variance: [K, D]
  Tensor<T> explained_variance;        ///< along each, with divisor N - 1; 0 if it is too small for T: [K]
  Tensor<T> explained_variance_ratio;  ///< their share of the variance of all; 0 if there is none: [K]
  Tensor<T> singular_values;           ///< of the centred data: [K]
  Tensor<double> mean;                 ///< of the rows: [D]
  double noise_variance = 0;           ///< mean variance of the directions left out, 0 if there are none
  Index n_samples = 0;                 ///< N; 0: nothing has been fitted
  bool whiten = false;                 ///< whether coordinates are scaled to unit variance
};

namespace detail {

/// @param squares  sums of squared coordinates along each of the directions: [K]
/// @param total    sum of all squared deviations from the mean
template <class T>
PcaResult<T> make_result(const Tensor<double>& squares, double total, const Tensor<double>& directions,
                         const Tensor<double>& mean, Index samples, bool whiten) {
  const Index count = squares.size();
  const auto freedom = static_cast<double>(samples - 1);
  PcaResult<T> r{.components = cast<T>(directions),
                 .explained_variance = Tensor<T>::uninitialized({count}),
                 .explained_variance_ratio = Tensor<T>::uninitialized({count}),
                 .singular_values = Tensor<T>::uninitialized({count}),
                 .mean = mean,
                 .noise_variance = 0,
                 .n_samples = samples,
                 .whiten = whiten};
  double rest = total;
  for (Index k = 0; k < count; ++k) {
    rest -= squares[k];
    r.explained_variance[k] = static_cast<T>(squares[k] / freedom);
    r.explained_variance_ratio[k] = static_cast<T>(total > 0 ? std::min(1.0, squares[k] / total) : 0.0);
    r.singular_values[k] = static_cast<T>(std::sqrt(squares[k]));
  }
  if (const Index left_out = std::min(samples, mean.size()) - count; left_out > 0) {
    r.noise_variance = std::max(0.0, rest) / freedom / static_cast<double>(left_out);
  }
  return r;
}

}  // namespace detail

/// The part of Pca and IncrementalPca that does not depend on how the components were found. Names and meanings are
/// scikit-learn's.
template <std::floating_point T>
class PcaModel {
 public:
  PcaModel() = default;
  /// @throws ShapeError unless the arrays fit together and 1 <= K <= D, ArgumentError unless components have length 1,
  /// numbers are finite, all but components and mean at least 0, and n_samples is from 2 to 2^53
  explicit PcaModel(PcaResult<T> result) : result_(std::move(result)) {
    const PcaResult<T>& r = result_;
    detail::check_basis(r.components, r.singular_values, r.mean, r.n_samples);
    const Shape& per_component = r.singular_values.shape();
    detail::check_array("explained_variance", r.explained_variance, per_component, 0, detail::largest_number<T>);
    detail::check_array("explained_variance_ratio", r.explained_variance_ratio, per_component, 0, 1);
    detail::check_array("noise_variance", Tensor<double>::full({}, r.noise_variance), {}, 0,
                        detail::largest_number<double>);
  }

  /// Everything that was found.
  const PcaResult<T>& result() const { return result_; }
  /// Unit vectors in rows, by falling variance: [K, D].
  const Tensor<T>& components() const { return result_.components; }
  /// Variance along each component; 0 if it is too small for T: [K].
  const Tensor<T>& explained_variance() const { return result_.explained_variance; }
  /// Its share of the variance of all columns: [K].
  const Tensor<T>& explained_variance_ratio() const { return result_.explained_variance_ratio; }
  /// Of the centred data: [K].
  const Tensor<T>& singular_values() const { return result_.singular_values; }
  /// Mean of the rows: [D].
  Tensor<T> mean() const { return cast<T>(result_.mean); }
  /// Mean variance of the directions left out.
  double noise_variance() const { return result_.noise_variance; }
  /// Standard deviation along each component, 0 where it is rounding errors: [K]. From the singular values, which T
  /// holds where it may not hold variances.
  Tensor<double> deviations() const {
    auto out = cast<double>(result_.singular_values);
    const double limit = static_cast<double>(std::max(result_.n_samples, result_.mean.size())) *
                         static_cast<double>(std::numeric_limits<T>::epsilon()) * out[0];
    for (double& v : out.elements()) {
      v = v > limit ? v / std::sqrt(static_cast<double>(result_.n_samples) - 1) : 0.0;
    }
    return out;
  }
  /// Number of components.
  Index n_components() const { return result_.components.dim(0); }

  /// Rows x [N, D] to their coordinates [N, K] along the components, of unit variance if whitened. A row's coordinates
  /// do not depend on the other rows.
  /// @throws ShapeError unless x has the D columns of the data that were fitted, ArgumentError unless x and its
  /// coordinates are finite and data were fitted
  Tensor<T> transform(const Tensor<T>& x) const {
    ensure_fitted();
    ensure<ShapeError>(x.rank() == 2 && x.dim(1) == result_.mean.size(), "Pca: need x [N, ", result_.mean.size(),
                       "], got ", x.shape());
    auto codes = Tensor<T>::uninitialized({x.dim(0), n_components()});
    detail::multiply<T>(detail::centred(x, result_.mean.data(), true), cast<double>(result_.components), codes.data(),
                        n_components(), nullptr);
    ensure_finite(codes, x);  // before some of them become 0
    whiten(codes);
    ensure_finite(codes, x);
    return codes;
  }

  /// Coordinates [N, K] to the rows [N, D] that they stand for.
  /// @throws ShapeError unless there are K coordinates, ArgumentError unless they and the rows are finite and data were
  /// fitted
  Tensor<T> inverse_transform(const Tensor<T>& codes) const {
    ensure_fitted();
    const Index count = n_components();
    const Index columns = result_.mean.size();
    ensure<ShapeError>(codes.rank() == 2 && codes.dim(1) == count, "Pca: need codes [N, ", count, "], got ",
                       codes.shape());
    Tensor<T> scaled = codes;
    const Tensor<double> scale = deviations();
    for (Index i = 0; i < scaled.size(); ++i) {
      ensure<ArgumentError>(std::isfinite(codes[i]), "Pca: need finite codes, got ", codes[i], " in row ", i / count,
                            ", column ", i % count);
      scaled[i] = result_.whiten ? static_cast<T>(static_cast<double>(codes[i]) * scale[i % count]) : codes[i];
    }
    auto out = Tensor<T>::uninitialized({codes.dim(0), columns});
    kernels::gemm(codes.dim(0), columns, count, kernels::row_major<T>(scaled.data(), count),
                  kernels::row_major(result_.components.data(), columns), out.data(), columns);
    parallel_ranges(codes.dim(0), std::max<Index>(1, (1 << 16) / columns), [&](Index begin, Index end) {
      for (Index i = begin * columns; i < end * columns; ++i) {
        out[i] = static_cast<T>(static_cast<double>(out[i]) + result_.mean[i % columns]);
        ensure<ArgumentError>(std::isfinite(out[i]), "Pca: need codes of finite rows, got ", out[i], " in row ",
                              i / columns, ", column ", i % columns);
      }
    });
    return out;
  }

 protected:
  void ensure_fitted() const { ensure<ArgumentError>(result_.n_samples > 0, "Pca: need data to be fitted first"); }

  /// Scales coordinates to unit variance, if that is wanted. Where nothing but rounding errors vary they become 0.
  void whiten(Tensor<T>& codes) const {
    if (!result_.whiten) {
      return;
    }
    const Index count = n_components();
    const Tensor<double> scale = deviations();
    for (Index i = 0; i < codes.size(); ++i) {
      const double own = scale[i % count];
      codes[i] = own > 0 ? static_cast<T>(static_cast<double>(codes[i]) / own) : T{0};
    }
  }

  PcaResult<T> result_;

 private:
  static void ensure_finite(const Tensor<T>& codes, const Tensor<T>& x) {
    if (!std::ranges::all_of(codes.elements(), [](T v) { return std::isfinite(v); })) {
      detail::refuse_not_finite("Pca", x, "finite coordinates");
    }
  }
};

}  // namespace engram::embed
