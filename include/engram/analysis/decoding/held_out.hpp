#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include <engram/analysis/block_folds.hpp>
#include <engram/analysis/neighbor_regression.hpp>
#include <engram/analysis/ridge.hpp>
#include <engram/core/take_rows.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/exact.hpp>
#include <engram/embed/pca/moments.hpp>

namespace engram::analysis::detail {

/// For targets [N, K] the predictions [H, K] of the rows that are held out, fold by fold: each by a model that learned
/// from the training rows of its fold. What depends on the codes alone is computed once, whatever the targets.
using HeldOutPredictor = std::function<Tensor<double>(const Tensor<double>& targets)>;

/// The rows that are held out, fold by fold.
inline std::vector<Index> held_out_rows(const std::vector<Fold>& folds) {
  std::vector<Index> rows;
  for (const Fold& fold : folds) {
    rows.insert(rows.end(), fold.held_out.begin(), fold.held_out.end());
  }
  return rows;
}

/// Predicts the mean of the training rows.
inline Tensor<double> held_out_means(const std::vector<Fold>& folds, const Tensor<double>& targets) {
  const Index columns = targets.dim(1);
  auto predicted = Tensor<double>::uninitialized({std::ssize(held_out_rows(folds)), columns});
  double* next = predicted.data();
  for (const Fold& fold : folds) {
    const Tensor<double> mean = embed::detail::column_moments("held_out_means", take_rows(targets, fold.training)).mean;
    for (std::size_t i = 0; i < fold.held_out.size(); ++i) {
      next = std::copy_n(mean.data(), columns, next);
    }
  }
  return predicted;
}

/// Predicts the mean of the nearest training rows.
template <std::floating_point T>
HeldOutPredictor held_out_neighbors(const Tensor<T>& codes, const std::vector<Fold>& folds, Index n_neighbors) {
  auto neighbors = Tensor<std::int32_t>::uninitialized({std::ssize(held_out_rows(folds)), n_neighbors});
  std::int32_t* next = neighbors.data();
  for (const Fold& fold : folds) {
    const auto near =
        embed::exact_neighbors(take_rows(codes, fold.held_out), take_rows(codes, fold.training), n_neighbors).indices;
    next = std::ranges::transform(near.elements(), next, [&](std::int32_t at) {
             return static_cast<std::int32_t>(fold.training[static_cast<std::size_t>(at)]);
           }).out;
  }
  return
      [neighbors = std::move(neighbors)](const Tensor<double>& targets) { return neighbor_means(neighbors, targets); };
}

/// Columns of x less the training rows' mean, divided by their standard deviation (divisor N) unless that is 0:
/// scikit-learn's StandardScaler.
template <std::floating_point T>
Tensor<double> standardized(const Tensor<T>& x, const Tensor<T>& training) {
  const auto moments = embed::detail::column_moments("standardized", training);
  auto out = cast<double>(x);
  for (Index at = 0; at < out.size(); ++at) {
    const Index column = at % x.dim(1);
    const double deviation = std::sqrt(moments.squares[column] / static_cast<double>(training.dim(0)));
    out[at] = (out[at] - moments.mean[column]) / (deviation > 0 ? deviation : 1.0);
  }
  return out;
}

/// Predicts by ridge regression on codes that are standardised as the training rows are.
template <std::floating_point T>
HeldOutPredictor held_out_ridge(const Tensor<T>& codes, const std::vector<Fold>& folds, double alpha) {
  struct Part {
    std::vector<Index> training;
    RidgeSolver solver;
    Tensor<double> held_out;
  };
  std::vector<Part> parts;
  for (const Fold& fold : folds) {
    const Tensor<T> training = take_rows(codes, fold.training);
    parts.push_back({fold.training, RidgeSolver(standardized(training, training), alpha),
                     standardized(take_rows(codes, fold.held_out), training)});
  }
  return [parts = std::move(parts), count = std::ssize(held_out_rows(folds))](const Tensor<double>& targets) {
    auto predicted = Tensor<double>::uninitialized({count, targets.dim(1)});
    double* next = predicted.data();
    for (const Part& part : parts) {
      const Tensor<double> rows = part.solver.fit(take_rows(targets, part.training)).predict(part.held_out);
      next = std::ranges::copy(rows.elements(), next).out;
    }
    return predicted;
  };
}

}  // namespace engram::analysis::detail
