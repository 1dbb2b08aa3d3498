#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/kernels/simd/tiles.hpp>

// Lower bounds of many squared euclidean or manhattan distances at once, from matrix products and the like.
//
// Rows are moved by a common centre and scaled by a power of two to entries below 1. Of two such rows of size m_a, m_b
// (squared length, or sum of |entries|) the distance by |a|^2 + |b|^2 - 2 a.b in type T, compared with the one by
// differences of the given rows, is wrong by at most error (m_a + m_b): by the error analysis of sums (Higham,
// "Accuracy and stability of numerical algorithms", 2002, chapters 3 and 4) plus that of the centred entries' rounding.

namespace engram::embed::detail {

/// What both sides of a block of bounds share.
template <class T>
struct BoundPlan {
  bool manhattan = false;
  Index columns = 0;           ///< entries of a row
  Index step = 0;              ///< of the columns + 2 terms, those summed at a time
  Index tile_rows = 0;         ///< rows of a left panel
  Index tile_columns = 0;      ///< rows of a right panel
  std::vector<double> centre;  ///< [columns]
  double scale = 1;            ///< a power of two
  double error = 0;

  Index terms() const { return columns + 2; }
  /// Distances of given rows times this are in the units of the bounds.
  double unit() const { return manhattan ? scale : scale * scale; }
  /// Not below a given distance, in the units of the bounds.
  T upwards(double distance) const {
    constexpr double up = 1 + 2 * static_cast<double>(std::numeric_limits<T>::epsilon());
    return static_cast<T>(distance * unit() * up + tiny());
  }
  /// Above what is lost where numbers are too small to have a full mantissa.
  static double tiny() { return std::is_same_v<T, float> ? 0x1p-100 : 0x1p-900; }
};

/// The largest |entry - centre|.
template <class T>
double largest_deviation(const Tensor<T>& rows, const std::vector<double>& centre) {
  double largest = 0;
  for (Index i = 0; i < rows.dim(0); ++i) {
    const T* row = rows.data() + i * rows.dim(1);
    for (std::size_t d = 0; d < centre.size(); ++d) {
      largest = std::max(largest, std::abs(static_cast<double>(row[d]) - centre[d]));
    }
  }
  return largest;
}

/// @param columns  of the rows, without what fills them up
/// @param order    the rows' order of packing; the mean of the first of them is the centre
template <class T>
BoundPlan<T> plan_bounds(const Tensor<T>& queries, const Tensor<T>& x, std::span<const std::int32_t> order,
                         Index columns, bool manhattan) {
  BoundPlan<T> plan;
  plan.manhattan = manhattan;
  plan.columns = columns;
  const auto& tile = kernels::simd::tiles<T>().tall;
  plan.tile_rows = tile.rows;
  plan.tile_columns = tile.columns;
  const Index steps = manhattan ? 1 : (plan.terms() + 255) / 256;
  plan.step = (plan.terms() + steps - 1) / steps;
  plan.centre.assign(static_cast<std::size_t>(columns), 0.0);
  const std::size_t sample = std::min<std::size_t>(order.size(), 1024);
  for (std::size_t i = 0; i < sample; ++i) {
    const T* row = x.data() + order[i] * x.dim(1);
    for (std::size_t d = 0; d < plan.centre.size(); ++d) {
      plan.centre[d] += static_cast<double>(row[d]) / static_cast<double>(sample);
    }
  }
  const double largest = std::max(largest_deviation(x, plan.centre), largest_deviation(queries, plan.centre));
  constexpr int most = std::is_same_v<T, float> ? 200 : 500;
  plan.scale = largest > 0 ? std::ldexp(1.0, -std::clamp(std::ilogb(largest) + 1, -most, most)) : 1;
  const double unit_roundoff = static_cast<double>(std::numeric_limits<T>::epsilon()) / 2;
  const double roundings = 2 * static_cast<double>(plan.step + steps) + 24 +
                           (std::is_same_v<T, double> ? static_cast<double>(x.dim(1)) / 8 + 16 : 0.0);
  plan.error = 1.02 * roundings * unit_roundoff;
  return plan;
}

}  // namespace engram::embed::detail
