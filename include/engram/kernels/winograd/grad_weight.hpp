#pragma once

#include <algorithm>
#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/tiles.hpp>
#include <engram/kernels/simd/transpose.hpp>
#include <engram/kernels/simd/widest.hpp>
#include <engram/kernels/winograd/conv2d.hpp>

namespace engram::kernels::winograd {

/// conv2d_grad_weight for windows that `pays` accepts. dweight is overwritten.
///
/// Rows of squares are summed in at most 16 consecutive pieces, the pieces then in order.
template <class T>
void conv2d_grad_weight(const Conv2dGeometry& g, const T* dy, const T* x, T* dweight) {
  const Plan<T> plan(g);
  const Patches& patches = plan.patches;
  const Index channels = g.window.channels;
  const simd::Tile<T>& tile = simd::tiles<T>().best(channels, g.filters);
  const Index padded_filters = round_up(g.filters, tile.columns);
  const Index sum_rows = round_up(channels, tile.rows);
  const Index sums_size = points * sum_rows * padded_filters;
  const Index row_limit = round_up(sum_rows, plan.padded_channels);  // the tile's last rows may read beyond a patch
  const Index in_point = patches.per_task() * plan.padded_channels + row_limit;
  const Index out_point = patches.per_task() * padded_filters;
  const Index columns = result_extent * patches.across;
  const Index out_height = g.window.out_height();
  const Index out_width = g.window.out_width();
  const Index tasks_per_piece = (patches.tasks() + 15) / 16;
  const Index pieces = (patches.tasks() + tasks_per_piece - 1) / tasks_per_piece;
  Buffer<T> partial(static_cast<std::size_t>(pieces * sums_size));
  parallel_for(pieces, [&](Index piece) {
    T* sums = partial.data() + piece * sums_size;
    std::fill_n(sums, sums_size, T{0});
    Buffer<T> strip(static_cast<std::size_t>(plan.strip_size(std::max(plan.padded_channels, padded_filters))));
    Buffer<T> in(static_cast<std::size_t>(points * in_point));
    Buffer<T> out(static_cast<std::size_t>(points * out_point));
    std::fill_n(in.data(), points * in_point, T{0});
    for (Index task = piece * tasks_per_piece; task < std::min(patches.tasks(), (piece + 1) * tasks_per_piece);
         ++task) {
      const Index begin = task * patches.rows_per_task;
      const Index end = std::min(begin + patches.rows_per_task, patches.rows);
      for (Index row = begin; row < end; ++row) {
        const Index first = (row - begin) * patches.across;
        plan.row_to_points(x, row, strip.data(), in.data() + first * plan.padded_channels, in_point);
        const Index top = row % patches.down * result_extent;
        read_strip(dy + row / patches.down * g.filters * out_height * out_width, g.filters, out_height, out_width, top,
                   Index{0}, result_extent, columns, padded_filters, strip.data());
        for (Index q = 0; q < patches.across; ++q) {
          plan.transforms.output_adjoint(strip.data() + q * result_extent * padded_filters, columns * padded_filters,
                                         padded_filters, out.data() + (first + q) * padded_filters,
                                         patch_extent * out_point, out_point, padded_filters);
        }
      }
      const Index used = (end - begin) * patches.across;
      for (Index point = 0; point < points; ++point) {
        for (Index f = 0; f < padded_filters; f += tile.columns) {
          for (Index c = 0; c < channels; c += tile.rows) {
            tile.add_transposed(used, in.data() + point * in_point + c, plan.padded_channels,
                                out.data() + point * out_point + f, padded_filters,
                                sums + (point * sum_rows + c) * padded_filters + f, padded_filters);
          }
        }
      }
    }
  });
  constexpr Index taps = filter_extent * filter_extent;
  parallel_for(channels, [&](Index c) {
    Buffer<T> sums(static_cast<std::size_t>((points + taps) * padded_filters));
    for (Index point = 0; point < points; ++point) {
      T* to = sums.data() + point * padded_filters;
      const T* from = partial.data() + (point * sum_rows + c) * padded_filters;
      std::copy_n(from, padded_filters, to);
      for (Index piece = 1; piece < pieces; ++piece) {
        from += sums_size;
        simd::with_widest([&] { for_each_lane(0, padded_filters, [&](Index f) { to[f] += from[f]; }); });
      }
    }
    T* rows = sums.data() + points * padded_filters;
    plan.transforms.filter_adjoint(sums.data(), patch_extent * padded_filters, padded_filters, rows,
                                   filter_extent * padded_filters, padded_filters, padded_filters);
    simd::transpose<T>(taps, g.filters, rows, padded_filters, dweight + c * taps, channels * taps);
  });
}

}  // namespace engram::kernels::winograd
