#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed::detail {

/// Mean and sum of squared deviations from it of each column.
struct ColumnMoments {
  Tensor<double> mean;     ///< [D]
  Tensor<double> squares;  ///< [D]
};

/// Names the first element of x that is not finite; if there is none, `need` is what its numbers are too large for.
template <class T>
[[noreturn]] void refuse_not_finite(const char* operation, const Tensor<T>& x, const char* need) {
  const Index columns = x.dim(1);
  for (Index i = 0; i < x.size(); ++i) {
    ensure<ArgumentError>(std::isfinite(x[i]), operation, ": need finite x, got ", x[i], " in row ", i / columns,
                          ", column ", i % columns);
  }
  fail<ArgumentError>(operation, ": need x of ", need, ", got larger numbers");
}

/// Of the columns of x [N, D], N >= 1, in double. Deviations from the first row are summed, so that large means do not
/// hide small variances: its own deviation from the mean is one of those that count, hence cancellation loses a factor
/// N at the most.
/// @throws ArgumentError naming row and column of the first element that is not finite
template <class T>
ColumnMoments column_moments(const char* operation, const Tensor<T>& x) {
  const Index rows = x.dim(0);
  const Index columns = x.dim(1);
  const Index grain = std::max<Index>(rows / 64, std::max<Index>(1, (1 << 16) / columns));
  const Index pieces = (rows + grain - 1) / grain;
  auto sums = Tensor<double>::zeros({pieces, 2, columns});
  parallel_ranges(rows, grain, [&](Index begin, Index end) {
    kernels::simd::with_widest([&] {
      double* sum = sums.data() + begin / grain * 2 * columns;
      double* square = sum + columns;
      for (Index i = begin; i < end; ++i) {
        kernels::for_each_lane(0, columns, [=, first = x.data(), row = x.data() + i * columns](Index j) {
          const double d = static_cast<double>(row[j]) - static_cast<double>(first[j]);
          sum[j] += d;
          square[j] += d * d;
        });
      }
    });
  });
  ColumnMoments moments{Tensor<double>::zeros({columns}), Tensor<double>::zeros({columns})};
  double check = 0;
  for (Index j = 0; j < columns; ++j) {
    double sum = 0;
    double square = 0;
    for (Index piece = 0; piece < pieces; ++piece) {
      sum += sums[2 * piece * columns + j];
      square += sums[(2 * piece + 1) * columns + j];
    }
    moments.mean[j] = static_cast<double>(x[j]) + sum / static_cast<double>(rows);
    moments.squares[j] = std::max(0.0, square - sum * sum / static_cast<double>(rows));
    check += std::abs(moments.mean[j]) + square;
  }
  if (!std::isfinite(check)) {
    refuse_not_finite(operation, x, "squares that have a finite sum");
  }
  return moments;
}

}  // namespace engram::embed::detail
