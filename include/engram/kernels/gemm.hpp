#pragma once

#include <algorithm>
#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/shape.hpp>
#include <engram/kernels/lanes.hpp>
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

/// pack_panels of all `count` vectors for each of several matrices that are `distance` apart in memory:
/// round_up(count, width) k elements for each, one after another.
template <class T>
Buffer<T> pack_matrices(Index matrices, Matrix<T> first, Index distance, Index k, Index count, Index width) {
  const Index size = round_up(count, width) * k;
  Buffer<T> panels(static_cast<std::size_t>(matrices * size));
  for (Index i = 0; i < matrices; ++i, first.data += distance) {
    pack_panels(first, 0, k, 0, count, width, panels.data() + i * size);
  }
  return panels;
}

/// Blocks of a product c [m, n] = a b that fit in the cache.
template <class T>
struct GemmBlocks {
  static constexpr Index depth = 256;  // of a block along k

  Index m;
  Index n;
  bool few_columns;  ///< whose rows of a are used once, so that to pack them would cost more than it saves
  const simd::Tile<T>& tile;
  Index rows;     ///< of a block
  Index columns;  ///< of a block
  Index down;     ///< blocks in a column of them

  GemmBlocks(Index m_, Index n_)
      : m(m_),
        n(n_),
        few_columns(n <= simd::tiles<T>().narrow.columns),
        tile(few_columns ? simd::tiles<T>().narrow : simd::tiles<T>().best(m, n)),
        rows(round_up(std::min<Index>(m, few_columns ? 768 : 144), tile.rows)),
        columns(round_up(std::min<Index>(n, 384), tile.columns)),
        down((m + rows - 1) / rows) {}

  Index count() const { return down * ((n + columns - 1) / columns); }

  /// c = a b or c += a b in one block, over k from `begin` to `end`.
  void compute(Index block, Index begin, Index end, Matrix<T> a, Matrix<T> b, T* c, Index ldc, Store store) const {
    const Index i0 = block % down * rows;
    const Index j0 = block / down * columns;
    const Index used_rows = std::min(rows, m - i0);
    const Index used_columns = std::min(columns, n - j0);
    c += i0 * ldc + j0;
    if (few_columns) {
      return compute_few_columns(i0, used_rows, begin, end, a, b, c, ldc, store);
    }
    Buffer<T> a_panels(static_cast<std::size_t>(rows * std::min(end - begin, depth)));
    Buffer<T> b_panels(static_cast<std::size_t>(columns * std::min(end - begin, depth)));
    alignas(64) T sums[simd::largest_tile];
    for (Index p = begin; p < end; p += depth) {
      const Index k = std::min(depth, end - p);
      pack_panels(a, p, k, i0, used_rows, tile.rows, a_panels.data());
      pack_panels(b.transposed(), p, k, j0, used_columns, tile.columns, b_panels.data());
      const Store how = p > begin ? Store::add : store;
      for (Index j = 0; j < used_columns; j += tile.columns) {
        for (Index i = 0; i < used_rows; i += tile.rows) {
          const T* left = a_panels.data() + i * k;
          const T* right = b_panels.data() + j * k;
          T* to = c + i * ldc + j;
          if (used_rows - i >= tile.rows && used_columns - j >= tile.columns) {
            (how == Store::add ? tile.add_packed : tile.packed)(k, left, right, to, ldc);
          } else {
            tile.packed(k, left, right, sums, tile.columns);
            store_sums(sums, std::min(tile.rows, used_rows - i), std::min(tile.columns, used_columns - j), to, ldc,
                       how);
          }
        }
      }
    }
  }

 private:
  /// Rows i0 .. i0+count-1 of a product with at most a tile's columns; a is read in place as far as whole tiles go.
  void compute_few_columns(Index i0, Index count, Index begin, Index end, Matrix<T> a, Matrix<T> b, T* c, Index ldc,
                           Store store) const {
    Buffer<T> right(static_cast<std::size_t>(std::min(end - begin, depth) * tile.columns));
    Buffer<T> left(static_cast<std::size_t>(std::min(end - begin, depth) * tile.rows));
    alignas(64) T sums[simd::largest_tile];
    for (Index p = begin; p < end; p += depth) {
      const Index k = std::min(depth, end - p);
      pack_panels(b.transposed(), p, k, 0, n, tile.columns, right.data());
      for (Index i = 0; i < count; i += tile.rows) {
        const Index used = std::min(tile.rows, count - i);
        const T* from = a.data + (i0 + i) * a.row_stride + p * a.column_stride;
        if (used == tile.rows && a.column_stride == 1) {
          tile.product(k, from, a.row_stride, right.data(), tile.columns, sums, tile.columns);
        } else if (used == tile.rows && a.row_stride == 1) {
          std::fill_n(sums, tile.rows * tile.columns, T{0});
          tile.add_transposed(k, from, a.column_stride, right.data(), tile.columns, sums, tile.columns);
        } else {
          pack_panels(a, p, k, i0 + i, used, tile.rows, left.data());
          tile.packed(k, left.data(), right.data(), sums, tile.columns);
        }
        store_sums(sums, used, n, c + i * ldc, ldc, p > begin ? Store::add : store);
      }
    }
  }

  void store_sums(const T* sums, Index used_rows, Index used_columns, T* c, Index ldc, Store store) const {
    for (Index r = 0; r < used_rows; ++r, sums += tile.columns, c += ldc) {
      if (store == Store::add) {
        for_each_lane(0, used_columns, [=](Index q) { c[q] += sums[q]; });
      } else {
        for_each_lane(0, used_columns, [=](Index q) { c[q] = sums[q]; });
      }
    }
  }
};

}  // namespace detail

/// c = a b, or c += a b: a [m, k], b [k, n], c [m, n] row-major with leading dimension ldc.
///
/// The sums run over k in blocks of 256, in order; those of a small c and a large k in up to 8 pieces, which are then
/// added in order. Neither depends on the number of threads.
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
  using Blocks = detail::GemmBlocks<T>;
  const Blocks blocks(m, n);
  const Index count = blocks.count();
  const Index pieces = count < 4 ? std::clamp<Index>(k / (4 * Blocks::depth), 1, 8) : 1;
  const Index piece = detail::round_up((k + pieces - 1) / pieces, Blocks::depth);
  Buffer<T> partial(static_cast<std::size_t>((pieces - 1) * m * n));  // all pieces but the first, which goes to c
  parallel_for(count * pieces, [&](Index task) {
    const Index number = task / count;
    const Index end = std::min(k, (number + 1) * piece);
    if (number == 0) {
      blocks.compute(task, 0, end, a, b, c, ldc, store);
    } else {
      T* to = partial.data() + (number - 1) * m * n;
      blocks.compute(task % count, std::min(k, number * piece), end, a, b, to, n, Store::overwrite);
    }
  });
  for (Index number = 1; number < pieces && number * piece < k; ++number) {
    const T* from = partial.data() + (number - 1) * m * n;
    for (Index i = 0; i < m; ++i) {
      for_each_lane(0, n, [=](Index j) { c[i * ldc + j] += from[i * n + j]; });
    }
  }
}

}  // namespace engram::kernels
