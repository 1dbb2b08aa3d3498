#pragma once

#include <algorithm>
#include <vector>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::kernels {

/// A result pixel along one axis: first_weight * pixel[first] + second_weight * pixel[second]. Where the second weight
/// is 0 that pixel is not read.
template <class T>
struct ResampleTap {
  Index first = 0;
  Index second = 0;
  T first_weight = 1;
  T second_weight = 0;
};

/// Planes [height, width] resampled along both axes.
template <class T>
struct ResampleGeometry {
  Index planes = 1;
  Index height = 0;
  Index width = 0;
  std::vector<ResampleTap<T>> rows;
  std::vector<ResampleTap<T>> columns;
};

/// x [planes, H, W]; y [planes, rows, columns] (overwritten).
template <class T>
void resample2d(const ResampleGeometry<T>& g, const T* x, T* y) {
  const Index out_width = std::ssize(g.columns);
  parallel_ranges(g.planes, 16, [&](Index begin, Index end) {
    Buffer<T> mixed(static_cast<std::size_t>(g.width));
    for (Index plane = begin; plane < end; ++plane) {
      T* out = y + plane * std::ssize(g.rows) * out_width;
      for (const ResampleTap<T>& row : g.rows) {
        const T* line = x + (plane * g.height + row.first) * g.width;
        if (row.second_weight != T{0}) {
          const T* second = x + (plane * g.height + row.second) * g.width;
          simd::with_widest([&, to = mixed.data(), p = row.first_weight, q = row.second_weight] {
            for_each_lane(0, g.width, [=](Index i) { to[i] = p * line[i] + q * second[i]; });
          });
          line = mixed.data();
        }
        for (const ResampleTap<T>& column : g.columns) {
          *out++ = column.second_weight == T{0}
                       ? column.first_weight * line[column.first]
                       : column.first_weight * line[column.first] + column.second_weight * line[column.second];
        }
      }
    }
  });
}

/// Adjoint of resample2d: dy [planes, rows, columns]; dx [planes, H, W] (overwritten).
template <class T>
void resample2d_grad(const ResampleGeometry<T>& g, const T* dy, T* dx) {
  const Index out_width = std::ssize(g.columns);
  parallel_ranges(g.planes, 16, [&](Index begin, Index end) {
    Buffer<T> spread(static_cast<std::size_t>(g.width));
    T* line = spread.data();
    for (Index plane = begin; plane < end; ++plane) {
      T* image = dx + plane * g.height * g.width;
      std::fill_n(image, g.height * g.width, T{0});
      const T* in = dy + plane * std::ssize(g.rows) * out_width;
      for (const ResampleTap<T>& row : g.rows) {
        std::fill_n(line, g.width, T{0});
        for (const ResampleTap<T>& column : g.columns) {
          line[column.first] += column.first_weight * *in;
          line[column.second] += column.second_weight * *in++;
        }
        simd::with_widest([&] {
          T* first = image + row.first * g.width;
          for_each_lane(0, g.width, [=, p = row.first_weight](Index i) { first[i] += p * line[i]; });
          T* second = image + row.second * g.width;
          if (row.second_weight != T{0}) {
            for_each_lane(0, g.width, [=, q = row.second_weight](Index i) { second[i] += q * line[i]; });
          }
        });
      }
    }
  });
}

}  // namespace engram::kernels
