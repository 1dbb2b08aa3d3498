#pragma once

#include <concepts>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram::embed {

/// How many components are wanted: a count, as many as explain a share of the variance, or 0 for all.
class ComponentCount {
 public:
  ComponentCount(std::integral auto count) : count_(static_cast<Index>(count)) {}
  /// The fewest that explain more than `share` of the variance.
  /// @throws ArgumentError unless 0 < share < 1
  ComponentCount(std::floating_point auto share) : share_(static_cast<double>(share)) {
    ensure<ArgumentError>(share > 0 && share < 1,
                          "Pca: need n_components as a count, or as a share of variance between 0 and 1, got ", share);
  }

  Index count() const { return count_; }   ///< 0: all, or a share
  double share() const { return share_; }  ///< 0: all, or a count

 private:
  Index count_ = 0;
  double share_ = 0;
};

/// How components are found.
/// - exact: from all eigenpairs of the covariance matrix [D, D] or, if N < D, of the Gram matrix [N, N], in double. For
///   double the result is as accurate as that of a singular value decomposition.
/// - truncated: the leading ones alone, by block Krylov iteration over the data. Relative errors of the variances are
///   about 1e-8 for float, 1e-12 for double. Directions are accurate to 1e-4 (float) and 1e-9 (double) divided by the
///   relative distance of their variance from the next. Data of which the leading components do not stand out get the
///   exact solution in the end, and so do those for which the iteration does not pay, and those so large or small that
///   their type does not hold sums of their squares.
/// - automatic: truncated if a count of components is given that is at most about min(N, D) / 8.
enum class PcaSolver { automatic, exact, truncated };

struct PcaOptions {
  ComponentCount n_components = 0;  ///< `16`, `0.95` of the variance, or 0 for all: min(N, D)
  bool whiten = false;              ///< coordinates of unit variance
  PcaSolver svd_solver = PcaSolver::automatic;
};

}  // namespace engram::embed
