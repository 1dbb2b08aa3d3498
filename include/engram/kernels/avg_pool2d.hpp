#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::kernels {

/// Pixels begin .. end-1 along one axis, whose sum counts `weight` times: 1 / (number that the average is taken over).
template <class T>
struct PoolSpan {
  Index begin = 0;
  Index end = 0;
  T weight = 1;
};

/// Averages over rectangles: result pixel (i, j) of a plane [height, width] is rows[i].weight * columns[j].weight times
/// the sum over rows[i] x columns[j]. Any arrangement of windows is a choice of the two lists.
template <class T>
struct AvgPoolGeometry {
  Index planes = 1;
  Index height = 0;
  Index width = 0;
  std::vector<PoolSpan<T>> rows;
  std::vector<PoolSpan<T>> columns;
};

/// x [planes, H, W]; y [planes, rows, columns] (overwritten).
template <class T>
void avg_pool2d(const AvgPoolGeometry<T>& g, const T* x, T* y) {
  const Index out_width = std::ssize(g.columns);
  parallel_ranges(g.planes, 16, [&](Index begin, Index end) {
    Buffer<T> sums(static_cast<std::size_t>(g.width));
    T* row_sum = sums.data();
    for (Index plane = begin; plane < end; ++plane) {
      T* out = y + plane * std::ssize(g.rows) * out_width;
      for (const PoolSpan<T>& row : g.rows) {
        const T* in = x + (plane * g.height + row.begin) * g.width;
        simd::with_widest([&] {
          std::fill_n(row_sum, g.width, T{0});
          for (Index r = row.begin; r < row.end; ++r, in += g.width) {
            for_each_lane(0, g.width, [=](Index i) { row_sum[i] += in[i]; });
          }
        });
        for (const PoolSpan<T>& column : g.columns) {
          T sum{0};
          for (Index i = column.begin; i < column.end; ++i) {
            sum += row_sum[i];
          }
          *out++ = sum * (row.weight * column.weight);
        }
      }
    }
  });
}

/// Adjoint of avg_pool2d: dy [planes, rows, columns]; dx [planes, H, W] (overwritten).
template <class T>
void avg_pool2d_grad(const AvgPoolGeometry<T>& g, const T* dy, T* dx) {
  const Index out_width = std::ssize(g.columns);
  parallel_ranges(g.planes, 16, [&](Index begin, Index end) {
    Buffer<T> spread(static_cast<std::size_t>(g.width));
    T* row_grad = spread.data();
    for (Index plane = begin; plane < end; ++plane) {
      T* image = dx + plane * g.height * g.width;
      std::fill_n(image, g.height * g.width, T{0});
      const T* in = dy + plane * std::ssize(g.rows) * out_width;
      for (const PoolSpan<T>& row : g.rows) {
        std::fill_n(row_grad, g.width, T{0});
        for (const PoolSpan<T>& column : g.columns) {
          const T each = *in++ * (row.weight * column.weight);
          for (Index i = column.begin; i < column.end; ++i) {
            row_grad[i] += each;
          }
        }
        simd::with_widest([&] {
          for (Index r = row.begin; r < row.end; ++r) {
            T* to = image + r * g.width;
            for_each_lane(0, g.width, [=](Index i) { to[i] += row_grad[i]; });
          }
        });
      }
    }
  });
}

}  // namespace engram::kernels
