#pragma once

#include <algorithm>
#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/shape.hpp>
#include <engram/kernels/simd/tiles.hpp>
#include <engram/kernels/simd/transpose.hpp>

namespace engram::kernels {

/// A matrix in memory: element (i, j) stands at data[i * row_stride + j * column_stride].
template <class T>
struct Matrix {
  const T* data;
  Index row_stride;
  Index column_stride;

  T at(Index i, Index j) const { return data[i * row_stride + j * column_stride]; }
  Matrix transposed() const { return {data, column_stride, row_stride}; }
};

/// A contiguous row-major matrix of `columns` columns.
template <class T>
Matrix<T> row_major(const T* data, Index columns) {
  return {data, columns, 1};
}

namespace detail {

/// Packs `count` vectors of length k side by side, `width` to a panel, padded with zeros: the element p of
/// vector v goes to panel v / width, place [p, v % width].
template <class T>
void pack_panels(Matrix<T> m, Index k_begin, Index k, Index begin, Index count, Index width, T* out) {
  for (Index panel = 0; panel < count; panel += width) {
    const Index used = std::min(width, count - panel);
    const T* from = m.data + (begin + panel) * m.row_stride + k_begin * m.column_stride;
    if (m.column_stride == 1) {
      simd::transpose(used, k, from, m.row_stride, out, width);
      for (Index p = 0; p < k; ++p, out += width) {
        std::fill(out + used, out + width, T{0});
      }
      continue;
    }
    for (Index p = 0; p < k; ++p, out += width, from += m.column_stride) {
      if (m.row_stride == 1) {
        std::copy_n(from, used, out);
      } else {
        for (Index v = 0; v < used; ++v) {
          out[v] = from[v * m.row_stride];
        }
      }
      std::fill(out + used, out + width, T{0});
    }
  }
}

inline Index round_up(Index n, Index step) {
  return (n + step - 1) / step * step;
}

}  // namespace detail

/// c = a b, or c += a b: a [m, k], b [k, n], c [m, n] row-major with leading dimension ldc.
///
/// The sums run over k in blocks of 256, in order, whatever the number of threads.
/// Source: Goto, van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34(3), 2008.
template <class T>
void gemm(Index m, Index n, Index k, Matrix<T> a, Matrix<T> b, T* c, Index ldc, Store store = Store::overwrite) {
  if (m == 0 || n == 0) {
    return;
  }
  if (k == 0) {
    for (Index i = 0; i < m && store == Store::overwrite; ++i) {
      std::fill_n(c + i * ldc, n, T{0});
    }
    return;
  }
  const simd::Tile<T>& tile = simd::tiles<T>().best(m, n);
  constexpr Index k_block = 256;
  const Index m_block = detail::round_up(std::min<Index>(m, 96), tile.rows);
  const Index n_block = detail::round_up(std::min<Index>(n, 384), tile.columns);
  const Index m_blocks = (m + m_block - 1) / m_block;
  const Index n_blocks = (n + n_block - 1) / n_block;
  parallel_for(m_blocks * n_blocks, [&](Index block) {
    const Index i0 = block % m_blocks * m_block;
    const Index j0 = block / m_blocks * n_block;
    const Index rows = std::min(m_block, m - i0);
    const Index columns = std::min(n_block, n - j0);
    Buffer<T> a_panels(static_cast<std::size_t>(m_block * std::min(k, k_block)));
    Buffer<T> b_panels(static_cast<std::size_t>(n_block * std::min(k, k_block)));
    alignas(64) T sums[simd::largest_tile];
    for (Index p0 = 0; p0 < k; p0 += k_block) {
      const Index depth = std::min(k_block, k - p0);
      detail::pack_panels(a, p0, depth, i0, rows, tile.rows, a_panels.data());
      detail::pack_panels(b.transposed(), p0, depth, j0, columns, tile.columns, b_panels.data());
      const bool add = p0 > 0 || store == Store::add;
      for (Index j = 0; j < columns; j += tile.columns) {
        for (Index i = 0; i < rows; i += tile.rows) {
          tile.packed(depth, a_panels.data() + i * depth, b_panels.data() + j * depth, sums);
          const Index used_rows = std::min(tile.rows, rows - i);
          const Index used_columns = std::min(tile.columns, columns - j);
          for (Index r = 0; r < used_rows; ++r) {
            T* out = c + (i0 + i + r) * ldc + j0 + j;
            const T* sum = sums + r * tile.columns;
            for (Index q = 0; q < used_columns; ++q) {
              out[q] = add ? out[q] + sum[q] : sum[q];
            }
          }
        }
      }
    }
  });
}

}  // namespace engram::kernels
