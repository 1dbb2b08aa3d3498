#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/metric.hpp>

namespace engram::embed::detail {

/// Size of a row: the binary exponent of its largest |entry|; of zeros FP_ILOGB0, which is below all others.
template <std::floating_point T>
int row_size(const T* row, Index columns) {
  T largest = 0;
  for (Index d = 0; d < columns; ++d) {
    largest = std::max(largest, std::abs(row[d]));
  }
  return std::ilogb(largest);
}

/// What rows of floats are divided by so that the squares of their differences are floats too. Doubles stay as they
/// are, and so do cosine's and correlation's unit rows.
struct RowScale {
  int exponent = 0;    ///< of the power of two: the median size of rows that are not 0
  bool narrow = true;  ///< sizes of all rows are within `reach` of it

  static constexpr int reach = 40;

  template <class T>
  static constexpr bool concerns(Metric metric) {
    return std::is_same_v<T, float> && metric != Metric::cosine && metric != Metric::correlation;
  }
};

/// The scale of rows x [N, D].
template <std::floating_point T>
RowScale row_scale(const Tensor<T>& x, Metric metric) {
  if (!RowScale::concerns<T>(metric)) {
    return {};
  }
  const Index columns = x.dim(1);
  std::vector<int> sizes(static_cast<std::size_t>(x.dim(0)));
  parallel_ranges(x.dim(0), std::max<Index>(1, (1 << 14) / columns), [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      sizes[static_cast<std::size_t>(i)] = row_size(x.data() + i * columns, columns);
    }
  });
  std::erase(sizes, FP_ILOGB0);
  if (sizes.empty()) {
    return {};
  }
  const auto median = sizes.begin() + std::ssize(sizes) / 2;
  std::nth_element(sizes.begin(), median, sizes.end());
  const int smallest = *std::min_element(sizes.begin(), median + 1);
  const int largest = *std::max_element(median, sizes.end());
  return {std::max(*median, largest - 126),  // no entry becomes infinite
          largest - *median <= RowScale::reach && *median - smallest <= RowScale::reach};
}

}  // namespace engram::embed::detail
