#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/conv2d_geometry.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/winograd/grad_weight.hpp>

namespace engram::kernels {

namespace detail {

/// sums [taps, filters] += im2col(image) * dy^T for one image, its columns read in place.
/// dy_panels: dy^T packed to the tile's columns; tap and position offsets as in conv2d_geometry.hpp.
template <class T>
void add_weight_gradient(const simd::Tile<T>& tile, const T* image, std::span<const Index> taps,
                         std::span<const Index> positions, const T* dy_panels, Index filters, T* sums) {
  const Index count = std::ssize(taps);
  const Index depth = std::ssize(positions);
  std::array<const T*, simd::most_tile_rows> rows{};
  alignas(64) T result[simd::largest_tile];
  for (Index t = 0; t < count; t += tile.rows) {
    for (Index r = 0; r < tile.rows; ++r) {
      rows[static_cast<std::size_t>(r)] = image + taps[static_cast<std::size_t>(std::min(t + r, count - 1))];
    }
    for (Index f = 0; f < filters; f += tile.columns) {
      tile.gathered(depth, rows.data(), positions.data(), dy_panels + f * depth, result);
      const Index used = std::min(tile.columns, filters - f);
      for (Index r = 0; r < std::min(tile.rows, count - t); ++r) {
        T* out = sums + (t + r) * filters + f;
        const T* in = result + r * tile.columns;
        for_each_lane(0, used, [&](Index i) { out[i] += in[i]; });
      }
    }
  }
}

}  // namespace detail

/// Adjoint of conv2d in weight: dweight = sum over images of dy * im2col(x)^T. dweight is overwritten.
///
/// Images are summed in at most 16 consecutive pieces, the pieces then in order. Of fewer images each does some of the
/// taps.
template <class T>
void conv2d_grad_weight(const Conv2dGeometry& g, const T* dy, const T* x, T* dweight) {
  if (winograd::pays(g)) {
    return winograd::conv2d_grad_weight(g, dy, x, dweight);
  }
  const Window2d w = with_padding_written(g.window);
  const PoolVector<Index> taps = tap_offsets(w);
  const PoolVector<Index> positions = position_offsets(w);
  const Index tap_count = w.taps();
  const Index depth = w.positions();
  const simd::Tile<T>& tile = simd::tiles<T>().best(tap_count, g.filters);
  const Index per_piece = std::max<Index>(1, (g.batch + 15) / 16);
  const Index pieces = (g.batch + per_piece - 1) / per_piece;
  Buffer<T> partial(static_cast<std::size_t>(pieces * g.weight_size()));  // [pieces, groups, taps, filters]
  const Index most_parts = 1 + 15 / std::max<Index>(1, pieces * g.groups);
  const Index parts = std::clamp<Index>((tap_count + tile.rows - 1) / tile.rows, 1, most_parts);
  const Index part_size = detail::round_up((tap_count + parts - 1) / parts, tile.rows);
  parallel_for(pieces * g.groups * parts, [&](Index number) {
    const Index task = number / parts;
    const Index piece = task / g.groups;
    const Index group = task % g.groups;
    const Index first_tap = std::min(tap_count, number % parts * part_size);
    const auto part = std::span<const Index>(taps).subspan(
        static_cast<std::size_t>(first_tap), static_cast<std::size_t>(std::min(part_size, tap_count - first_tap)));
    T* sums = partial.data() + (task * tap_count + first_tap) * g.filters;
    std::fill_n(sums, g.filters * std::ssize(part), T{0});
    const bool copy = g.window.padding != Pair(0);
    Buffer<T> padded(static_cast<std::size_t>(copy ? w.pixels() : 0));
    Buffer<T> dy_panels(static_cast<std::size_t>(detail::round_up(g.filters, tile.columns) * depth));
    for (Index n = piece * per_piece; n < std::min(g.batch, (piece + 1) * per_piece); ++n) {
      const T* image = x + (n * g.groups + group) * g.window.pixels();
      if (copy) {
        write_padding(g.window, image, padded.data());
        image = padded.data();
      }
      detail::pack_panels(row_major(dy + (n * g.groups + group) * g.filters * depth, depth), 0, depth, 0, g.filters,
                          tile.columns, dy_panels.data());
      detail::add_weight_gradient<T>(tile, image, part, positions, static_cast<const T*>(dy_panels.data()), g.filters,
                                     sums);
    }
  });
  parallel_for(g.groups * g.filters, [&](Index row) {
    const Index first = row / g.filters * tap_count * g.filters + row % g.filters;
    T* out = dweight + row * tap_count;
    std::fill_n(out, tap_count, T{0});
    for (Index piece = 0; piece < pieces; ++piece) {
      const T* sums = partial.data() + piece * g.weight_size() + first;
      for (Index t = 0; t < tap_count; ++t) {
        out[t] += sums[t * g.filters];
      }
    }
  });
}

}  // namespace engram::kernels
