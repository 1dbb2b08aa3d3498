#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <vector>

#include <engram/analysis/centred.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

/// How many of its dimensions a code uses.
struct CodeState {
  Tensor<double> variance;       ///< of each dimension, divisor N - 1: [D]
  std::vector<Index> dead;       ///< dimensions whose variance is below the threshold, ascending
  double participation_ratio{};  ///< from 1 (all points on a line) to D (the same variance in all directions)
};

/// Variance of each dimension, dead units and the participation ratio
/// (sum of l)^2 / sum of l^2 = trace(C)^2 / sum of C_ij^2, where l are the eigenvalues of the covariance matrix C.
///
/// A code that does not vary at all has only dead units and a participation ratio of 0.
/// @param codes           [N, D], N >= 2
/// @param dead_threshold  a unit is dead if its variance is below this share of the largest, or 0; 0 .. 1. That a unit
///                        with a hundredth of the variance is inactive is Burda et al.'s rule
/// @throws ShapeError unless codes have two axes; ArgumentError unless N >= 2, D >= 1, entries are finite and the
/// threshold is in range
/// Source: Gao et al., "A theory of multineuronal dimensionality, dynamics and measurement", bioRxiv 214262, 2017;
/// Burda, Grosse, Salakhutdinov, "Importance weighted autoencoders", ICLR 2016.
template <std::floating_point T>
CodeState code_state(const Tensor<T>& codes, double dead_threshold = 0.01) {
  ensure<ArgumentError>(dead_threshold >= 0 && dead_threshold <= 1, "code_state: need 0 <= dead_threshold <= 1, got ",
                        dead_threshold);
  const detail::CentredColumns centred = detail::centred_columns("code_state", "codes", codes);
  ensure<ArgumentError>(codes.dim(0) >= 2, "code_state: need codes [N, D] with N >= 2, got ", codes.shape());
  CodeState state{Tensor<double>::uninitialized({codes.dim(1)}), {}, 0};
  const auto freedom = static_cast<double>(codes.dim(0) - 1);
  std::ranges::transform(centred.squares.elements(), state.variance.data(),
                         [freedom](double squares) { return squares / freedom; });
  const double largest = std::ranges::max(state.variance.elements());
  double total = 0;
  for (Index j = 0; j < codes.dim(1); ++j) {
    if (state.variance[j] < dead_threshold * largest || state.variance[j] == 0) {
      state.dead.push_back(j);
    }
    total += centred.squares[j];
  }
  const double size = std::sqrt(detail::squared_norm(detail::column_products(centred.values, centred.values)));
  state.participation_ratio = size > 0 ? (total / size) * (total / size) : 0.0;
  return state;
}

}  // namespace engram::analysis
