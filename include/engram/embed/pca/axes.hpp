#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

#include <engram/core/tensor.hpp>
#include <engram/embed/linear_algebra/orthonormalize.hpp>
#include <engram/embed/pca/centred.hpp>
#include <engram/embed/pca/exact.hpp>
#include <engram/embed/pca/krylov.hpp>
#include <engram/embed/pca/options.hpp>

namespace engram::embed::detail {

/// The leading principal axes of centred data [N, D]; signs are as they come.
template <class T>
struct PrincipalAxes {
  Tensor<double> squares;     ///< sum of the squared coordinates along each, largest first: [K]
  Tensor<double> directions;  ///< orthonormal rows [K, D]
  Tensor<T> codes;            ///< coordinates [N, K]
};

/// How many of the eigenvalues, largest first, are wanted; 1 if it is a share and they are 0.
inline Index chosen_count(const ComponentCount& wanted, std::span<const double> values) {
  if (wanted.share() == 0) {
    return wanted.count() > 0 ? wanted.count() : std::ssize(values);
  }
  const double total = std::accumulate(values.begin(), values.end(), 0.0);
  double explained = 0;
  Index count = 0;
  do {
    explained += values[static_cast<std::size_t>(count++)];
  } while (count < std::ssize(values) && explained < total && explained <= wanted.share() * total);
  return count;
}

/// Whether T holds sums of products of data [length, width], down to eps of the largest: that is between total / width
/// and `total`, the sum of their squares.
template <class T>
bool holds_products(double total, Index width) {
  constexpr double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
  constexpr double least = static_cast<double>(std::numeric_limits<T>::min()) / eps;
  constexpr double most = static_cast<double>(std::numeric_limits<T>::max()) * eps;
  return total == 0 || (total / static_cast<double>(width) >= least && total <= most);
}

/// The leading eigenpairs of a^T a. The truncated solver gives way to the exact one where it does not pay or converge,
/// or T lacks the range.
/// @param total  sum of a's squared elements
template <class T>
LeadingPairs<T> leading_pairs(const CentredMatrix<T>& a, double total, const ComponentCount& wanted, PcaSolver solver) {
  constexpr Index steps = 60;
  const Index count = wanted.count();
  if (solver != PcaSolver::exact && count > 0 && a.width >= BlockKrylov<T>::least_width(count) &&
      holds_products<T>(total, a.width)) {
    if (auto pairs = BlockKrylov<T>(a, count).run(steps)) {
      return std::move(*pairs);
    }
  }
  return exact_pairs(a, [&](const Tensor<double>& values) { return chosen_count(wanted, values.elements()); });
}

/// @param mean   of the columns of x [N, D], or whatever is to be subtracted: [D]
/// @param total  sum of all squared deviations from it
template <class T>
PrincipalAxes<T> principal_axes(const Tensor<T>& x, const Tensor<double>& mean, double total,
                                const ComponentCount& wanted, PcaSolver solver) {
  const Index rows = x.dim(0);
  const Index columns = x.dim(1);
  const bool tall = rows >= columns;
  LeadingPairs<T> pairs = leading_pairs(centred(x, mean.data(), tall), total, wanted, solver);
  if (tall) {
    return {std::move(pairs.values), std::move(pairs.vectors), std::move(pairs.images)};
  }
  // The pairs are of the transposed data: vectors [K, N] and images [D, K].
  const Index count = pairs.values.size();
  PrincipalAxes<T> axes{std::move(pairs.values), Tensor<double>::uninitialized({count, columns}),
                        Tensor<T>::uninitialized({rows, count})};
  for (Index k = 0; k < count; ++k) {
    const double length = std::sqrt(axes.squares[k]);
    for (Index i = 0; i < rows; ++i) {
      axes.codes[i * count + k] = static_cast<T>(length * pairs.vectors[k * rows + i]);
    }
    for (Index d = 0; d < columns; ++d) {
      axes.directions[k * columns + d] = static_cast<double>(pairs.images[d * count + k]);
    }
  }
  orthonormalize(axes.directions, axes.directions, 0);
  return axes;
}

}  // namespace engram::embed::detail
