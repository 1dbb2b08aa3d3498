#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/lists.hpp>

namespace engram::embed {

namespace detail {

/// Nearest of numbers from 0 up to below `period`, which may be infinite: a circle or a line.
inline NeighborLists<float> sorted_neighbors(const std::vector<double>& values, Index k, double period) {
  const Index n = std::ssize(values);
  std::vector<std::int32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  const auto value = [&](std::int32_t i) { return values[static_cast<std::size_t>(i)]; };
  std::ranges::sort(
      order, [&](std::int32_t i, std::int32_t j) { return value(i) < value(j) || (value(i) == value(j) && i < j); });
  const auto at = [&](Index place) { return order[static_cast<std::size_t>(place)]; };

  NeighborLists<float> lists{Tensor<std::int32_t>::uninitialized({n, k}), Tensor<float>::uninitialized({n, k})};
  parallel_ranges(n, 1024, [&](Index first, Index last) {
    for (Index place = first; place < last; ++place) {
      const std::int32_t row = at(place);
      std::int32_t* index = lists.indices.data() + row * k;
      float* distance = lists.distances.data() + row * k;
      index[0] = row;
      distance[0] = 0;
      Index left = 1;  // steps to the next on that side; past an end it is the one a period away
      Index right = 1;
      for (Index j = 1; j < k; ++j) {
        const std::int32_t below = at(place >= left ? place - left : place - left + n);
        const std::int32_t above = at(place + right < n ? place + right : place + right - n);
        const double down = value(row) - value(below) + (place >= left ? 0 : period);
        const double up = value(above) - value(row) + (place + right < n ? 0 : period);
        const bool go_left = down < up || (down == up && left <= right);
        index[j] = go_left ? below : above;
        distance[j] = static_cast<float>(go_left ? down : up);
        (go_left ? left : right) += 1;
      }
    }
  });
  return lists;
}

inline void check_line(const char* op, const Tensor<double>& values, Index k) {
  ensure<ShapeError>(values.rank() == 1, op, ": need values [N], got ", values.shape());
  ensure<ArgumentError>(values.size() <= std::numeric_limits<std::int32_t>::max(), op,
                        ": need at most 2^31 - 1 values, got ", values.size());
  ensure<ArgumentError>(k >= 1 && k <= values.size(), op, ": need k from 1 to ", values.size(), ", got ", k);
  for (Index i = 0; i < values.size(); ++i) {
    ensure<ArgumentError>(std::isfinite(values[i]), op, ": need finite values, got ", values[i], " at ", i);
  }
}

}  // namespace detail

/// The k nearest of numbers among themselves, by |difference|, in O(N (log N + k)). Column 0 is the row itself. Equal
/// numbers stand in order of their indices, and of equally near ones that with fewer between comes first: so the
/// neighbours of many equal numbers differ.
/// @param values  [N], finite
/// @returns       [N, k]
/// @throws ShapeError unless values is [N]; ArgumentError unless 1 <= k <= N and values are finite
inline NeighborLists<float> line_neighbors(const Tensor<double>& values, Index k) {
  detail::check_line("line_neighbors", values, k);
  const auto all = values.elements();
  return detail::sorted_neighbors({all.begin(), all.end()}, k, std::numeric_limits<double>::infinity());
}

/// As line_neighbors, of directions by the angle between them.
/// @param angles  [N], radians, of any number of turns
inline NeighborLists<float> circle_neighbors(const Tensor<double>& angles, Index k) {
  detail::check_line("circle_neighbors", angles, k);
  constexpr double turn = 2 * std::numbers::pi;
  std::vector<double> within(angles.elements().begin(), angles.elements().end());
  for (double& angle : within) {
    angle = std::fmod(angle, turn);
    angle += angle < 0 ? turn : 0;
  }
  return detail::sorted_neighbors(within, k, turn);
}

}  // namespace engram::embed
