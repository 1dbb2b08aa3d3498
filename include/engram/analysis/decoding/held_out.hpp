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

/// For targets [N, K] the predictions [N, K], each row's by a model that learned from the training rows of its fold.
/// What depends on the codes alone is computed once, whatever the targets.
using HeldOutPredictor = std::function<Tensor<double>(const Tensor<double>& targets)>;

/// Predicts the mean of the training rows.
inline HeldOutPredictor held_out_means(const std::vector<Fold>& folds) {
  return [&folds](const Tensor<double>& targets) {
    auto predicted = Tensor<double>::uninitialized(targets.shape());
    const Index columns = targets.dim(1);
    for (const Fold& fold : folds) {
      const Tensor<double> mean =
          embed::detail::column_moments("held_out_means", take_rows(targets, fold.training)).mean;
      for (const Index row : fold.held_out) {
        std::copy_n(mean.data(), columns, predicted.data() + row * columns);
      }
    }
    return predicted;
  };
}

/// Predicts the mean of the nearest training rows.
template <std::floating_point T>
HeldOutPredictor held_out_neighbors(const Tensor<T>& codes, const std::vector<Fold>& folds, Index n_neighbors) {
  auto neighbors = Tensor<std::int32_t>::uninitialized({codes.dim(0), n_neighbors});
  for (const Fold& fold : folds) {
    const auto near =
        embed::exact_neighbors(take_rows(codes, fold.held_out), take_rows(codes, fold.training), n_neighbors).indices;
    for (Index at = 0; at < near.size(); ++at) {
      const Index row = fold.held_out[static_cast<std::size_t>(at / n_neighbors)];
      neighbors[row * n_neighbors + at % n_neighbors] =
          static_cast<std::int32_t>(fold.training[static_cast<std::size_t>(near[at])]);
    }
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
    RidgeSolver solver;
    Tensor<double> held_out;
  };
  std::vector<Part> parts;
  for (const Fold& fold : folds) {
    const Tensor<T> training = take_rows(codes, fold.training);
    parts.push_back({RidgeSolver(standardized(training, training), alpha),
                     standardized(take_rows(codes, fold.held_out), training)});
  }
  return [&folds, parts = std::move(parts)](const Tensor<double>& targets) {
    auto predicted = Tensor<double>::uninitialized(targets.shape());
    const Index columns = targets.dim(1);
    for (std::size_t f = 0; f < folds.size(); ++f) {
      const Tensor<double> rows = parts[f].solver.fit(take_rows(targets, folds[f].training)).predict(parts[f].held_out);
      for (std::size_t i = 0; i < folds[f].held_out.size(); ++i) {
        std::copy_n(rows.data() + static_cast<Index>(i) * columns, columns,
                    predicted.data() + folds[f].held_out[i] * columns);
      }
    }
    return predicted;
  };
}

}  // namespace engram::analysis::detail
