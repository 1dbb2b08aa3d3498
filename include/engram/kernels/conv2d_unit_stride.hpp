#pragma once

#include <algorithm>
#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/conv2d_geometry.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/lanes.hpp>

namespace engram::kernels {

namespace detail {

/// Sums of one register tile at positions first, first + 1, ... of rows as wide as the image; those that fall
/// between two rows of the result, or after `rows` of them, are dropped. A filter's results are `plane` apart in y.
template <class T>
void store_positions(const Window2d& w, const simd::Tile<T>& tile, const T* sums, Index first, Index rows,
                     Index filters, const T* bias, Index plane, T* y) {
  const Index out_width = w.out_width();
  for (Index q = 0; q < tile.columns;) {
    const Index oy = (first + q) / w.width;
    const Index ox = (first + q) % w.width;
    const Index run = std::min(tile.columns - q, w.width - ox);
    const Index used = oy < rows ? std::min(run, out_width - ox) : 0;
    for (Index f = 0; f < filters && used > 0; ++f) {
      const T* from = sums + f * tile.columns + q;
      T* to = y + f * plane + oy * out_width + ox;
      const T b = bias == nullptr ? T{0} : bias[f];
      for_each_lane(0, used, [&](Index i) { to[i] = from[i] + b; });
    }
    q += run;
  }
}

}  // namespace detail

/// conv2d for a stride of 1: the columns of im2col need not be built, since the pixels under one tap at
/// consecutive positions are consecutive in memory. Where a row of the result ends the sums go on into the next
/// row of the image, and the few that mean nothing are dropped. A task does a band of rows of one image's result.
template <class T>
void conv2d_unit_stride(const Conv2dGeometry& g, const T* x, const T* weight, const T* bias, T* y) {
  const Index out_height = g.window.out_height();
  const Index out_width = g.window.out_width();
  const Index bands = detail::pieces_of_image(g, out_height * out_width, 2 * simd::most_tile_columns);
  const Index rows = (out_height + bands - 1) / bands;
  const Index reach = g.window.dilation.y * (g.window.kernel.y - 1);
  Window2d w = with_padding_written(g.window);
  const Index span = (rows - 1) * w.width + out_width;
  const Index taps = w.taps();
  const simd::Tile<T>& tile = simd::tiles<T>().best(g.filters, span);
  const bool copy = g.window.padding != Pair(0) || span < tile.columns || rows * bands != out_height;
  if (copy) {
    w.height = rows + reach;  // of the copy
  }
  const PoolVector<Index> offsets = tap_offsets(w);
  const Index panels_size = detail::round_up(g.filters, tile.rows) * taps;
  const Buffer<T> panels =
      detail::pack_matrices(g.groups, row_major(weight, taps), g.filters * taps, taps, g.filters, tile.rows);
  parallel_for(g.batch * g.groups * bands, [&](Index task) {
    const Index planes = task / bands * g.filters;  // of the results before this image's group
    const Index top = task % bands * rows;
    const Index group = task / bands % g.groups;
    const T* image = x + task / bands * g.window.pixels() + (copy ? 0 : top * w.width);
    Buffer<T> padded;
    if (copy) {
      padded = Buffer<T>(static_cast<std::size_t>(w.pixels() + tile.columns));
      write_padding(g.window, image, top, w.height, padded.data());
      std::fill_n(padded.data() + w.pixels(), tile.columns, T{0});
      image = padded.data();
    }
    alignas(64) T sums[simd::largest_tile];
    for (Index p = 0; p < span; p += tile.columns) {
      const Index first = std::max<Index>(0, std::min(p, span - tile.columns));  // the last tile ends with the band
      for (Index f = 0; f < g.filters; f += tile.rows) {
        tile.shifted(taps, panels.data() + group * panels_size + f * taps, image + first, offsets.data(), sums);
        const Index filter = group * g.filters + f;
        detail::store_positions(w, tile, sums, first, std::min(rows, out_height - top),
                                std::min(tile.rows, g.filters - f), bias == nullptr ? nullptr : bias + filter,
                                out_height * out_width, y + ((planes + f) * out_height + top) * out_width);
      }
    }
  });
}

}  // namespace engram::kernels
