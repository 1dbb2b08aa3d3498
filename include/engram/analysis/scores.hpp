#pragma once

#include <concepts>

#include <engram/analysis/check_finite.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/pca/moments.hpp>

namespace engram::analysis {

/// Coefficient of determination R2 = 1 - sum (truth - predicted)^2 / sum (truth - mean of truth)^2, the mean over the
/// columns: 1 if all is predicted, 0 for the mean of the truth, below 0 for worse. scikit-learn's r2_score.
///
/// A column that is constant gets 1 if it is predicted exactly, else 0, as scikit-learn has it.
/// @param truth      [N] or [N, K], N >= 2
/// @param predicted  of the same shape
/// @throws ShapeError for other shapes; ArgumentError for numbers that are not finite
template <std::floating_point T, std::floating_point U>
double r2_score(const Tensor<T>& truth, const Tensor<U>& predicted) {
  ensure<ShapeError>(truth.shape() == predicted.shape() && (truth.rank() == 1 || truth.rank() == 2) &&
                         truth.size() > 0 && truth.dim(0) >= 2,
                     "r2_score: need two tensors [N] or [N, K] of one shape with N >= 2, got ", truth.shape(), " and ",
                     predicted.shape());
  detail::check_finite("r2_score", "truth", truth);
  detail::check_finite("r2_score", "predictions", predicted);
  const Index rows = truth.dim(0);
  const Index columns = truth.size() / rows;
  const auto moments = embed::detail::column_moments("r2_score", truth.reshaped({rows, columns}));
  double sum = 0;
  for (Index k = 0; k < columns; ++k) {
    double residual = 0;
    for (Index i = k; i < truth.size(); i += columns) {
      const double difference = static_cast<double>(truth[i]) - static_cast<double>(predicted[i]);
      residual += difference * difference;
    }
    const double total = moments.squares[k];
    sum += total > 0 ? 1 - residual / total : residual > 0 ? 0.0 : 1.0;
  }
  return sum / static_cast<double>(columns);
}

/// Share of elements that are predicted exactly: scikit-learn's accuracy_score.
/// @param truth, predicted  of one shape, with an element
/// @throws ShapeError for other shapes
template <class L>
double accuracy_score(const Tensor<L>& truth, const Tensor<L>& predicted) {
  ensure<ShapeError>(truth.shape() == predicted.shape() && truth.size() > 0,
                     "accuracy_score: need two tensors of one shape, got ", truth.shape(), " and ", predicted.shape());
  Index same = 0;
  for (Index i = 0; i < truth.size(); ++i) {
    same += truth[i] == predicted[i] ? 1 : 0;
  }
  return static_cast<double>(same) / static_cast<double>(truth.size());
}

}  // namespace engram::analysis
