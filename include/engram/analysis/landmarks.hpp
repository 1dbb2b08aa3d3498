#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/check_rows.hpp>

namespace engram::analysis {

/// Some rows that stand for all.
struct Landmarks {
  Tensor<std::int64_t> indices;  ///< [L], rows in the order in which they were chosen
  double covering_radius = 0;    ///< largest distance of any row from its nearest landmark
};

/// Chooses landmarks by farthest point sampling (max-min): the first is `first`, each further one is the row farthest
/// from all before it (of equally far rows that of the lowest index). Euclidean distances, in double; N L D steps
/// on one thread.
///
/// Landmarks cover the data evenly, however unevenly rows are spread, and stray rows are among the first chosen: where
/// they are noise, take densest_rows() before. Rows that are equal to a landmark are never chosen, so that there are
/// fewer than `count` landmarks where x has fewer distinct rows.
/// @param x      [N, D]
/// @param count  L, 1 .. N
/// @param first  row to start from, 0 .. N - 1
/// @throws ShapeError unless x has two axes; ArgumentError for other counts or rows or entries that are not finite
/// Source: de Silva, Carlsson, "Topological estimation using witness complexes", Eurographics Symposium on Point-Based
/// Graphics, 2004; Gonzalez, "Clustering to minimize the maximum intercluster distance", Theoretical Computer Science
/// 38, 1985.
template <std::floating_point T>
Landmarks farthest_landmarks(const Tensor<T>& x, Index count, Index first = 0) {
  embed::check_rows("farthest_landmarks", "x", x);
  const Index n = x.dim(0);
  const Index columns = x.dim(1);
  ensure<ArgumentError>(count >= 1 && count <= n, "farthest_landmarks: need 1 <= count <= ", n,
                        " (the rows of x), got ", count);
  ensure<ArgumentError>(first >= 0 && first < n, "farthest_landmarks: need 0 <= first < ", n, " (the rows of x), got ",
                        first);
  std::vector<double> squares(static_cast<std::size_t>(n), std::numeric_limits<double>::infinity());
  std::vector<std::int64_t> chosen;
  Index farthest = first;
  double largest = std::numeric_limits<double>::infinity();
  while (std::ssize(chosen) < count && largest > 0) {
    chosen.push_back(farthest);
    const T* landmark = x.data() + farthest * columns;
    for (Index i = 0; i < n; ++i) {
      double square = 0;
      for (Index d = 0; d < columns; ++d) {
        const double difference = static_cast<double>(x[i * columns + d]) - static_cast<double>(landmark[d]);
        square += difference * difference;
      }
      double& nearest = squares[static_cast<std::size_t>(i)];
      nearest = std::min(nearest, square);
    }
    farthest = std::max_element(squares.begin(), squares.end()) - squares.begin();
    largest = squares[static_cast<std::size_t>(farthest)];
  }
  return {Tensor<std::int64_t>::from({std::ssize(chosen)}, chosen), std::sqrt(largest)};
}

}  // namespace engram::analysis
