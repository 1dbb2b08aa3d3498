#pragma once

#include <algorithm>
#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/simd/tiles.hpp>
#include <engram/kernels/simd/transpose.hpp>
#include <engram/kernels/simd/winograd.hpp>
#include <engram/kernels/winograd/patches.hpp>
#include <engram/kernels/winograd/strip.hpp>

namespace engram::kernels::winograd {

using kernels::detail::round_up;

/// Filters weight [filters, channels, 3, 3] at the points: [36, channels, padded_filters].
template <class T>
void filters_to_points(Index channels, Index filters, Index padded_filters, const T* weight, T* out) {
  const auto transform = simd::winograd_transforms<T>().filter;
  constexpr Index taps = filter_extent * filter_extent;
  parallel_ranges(channels, 16, [&](Index begin, Index end) {
    const Index count = (end - begin) * taps;
    Buffer<T> rows(static_cast<std::size_t>(count * padded_filters));  // [channels, taps, padded_filters]
    if (filters < padded_filters) {
      std::fill_n(rows.data(), count * padded_filters, T{0});
    }
    simd::transpose(filters, count, weight + begin * taps, channels * taps, rows.data(), padded_filters);
    const Index point = channels * padded_filters;
    for (Index c = begin; c < end; ++c) {
      transform(rows.data() + (c - begin) * taps * padded_filters, filter_extent * padded_filters, padded_filters,
                out + c * padded_filters, patch_extent * point, point, padded_filters);
    }
  });
}

/// What the tasks of a convolution share.
template <class T>
struct Plan {
  Conv2dGeometry g;
  Patches patches;
  const simd::WinogradTransforms<T>& transforms = simd::winograd_transforms<T>();
  Index padded_channels;

  explicit Plan(const Conv2dGeometry& geometry)
      : g(geometry), patches(geometry), padded_channels(round_up(geometry.window.channels, transforms.lanes)) {}

  /// The patches of row `row` of squares at the points: element `first` and so on of out [36, patches, channels],
  /// where a point's distance is `point`. strip: 6 (4 across + 2) padded_channels elements of room.
  void row_to_points(const T* x, Index row, T* strip, T* out, Index point) const {
    const Window2d& w = g.window;
    const Index columns = result_extent * patches.across + filter_extent - 1;
    read_strip(x + row / patches.down * w.pixels(), w.channels, w.height, w.width,
               row % patches.down * result_extent - w.padding.y, -w.padding.x, patch_extent, columns, padded_channels,
               strip);
    for (Index q = 0; q < patches.across; ++q) {
      transforms.input(strip + q * result_extent * padded_channels, columns * padded_channels, padded_channels,
                       out + q * padded_channels, patch_extent * point, point, padded_channels);
    }
  }
  Index strip_size(Index channels) const {
    return patch_extent * (result_extent * patches.across + filter_extent - 1) * channels;
  }
};

/// conv2d for windows that `pays` accepts.
template <class T>
void conv2d(const Conv2dGeometry& g, const T* x, const T* weight, const T* bias, T* y) {
  const Plan<T> plan(g);
  const Patches& patches = plan.patches;
  const Index channels = g.window.channels;
  const simd::Tile<T>& tile = simd::tiles<T>().best(patches.per_task(), g.filters);
  const Index padded_filters = round_up(g.filters, tile.columns);
  Buffer<T> filters(static_cast<std::size_t>(points * channels * padded_filters));
  filters_to_points(channels, g.filters, padded_filters, weight, filters.data());
  const Index padded_patches = round_up(patches.per_task(), tile.rows);
  const Index in_point = padded_patches * plan.padded_channels;
  const Index out_point = padded_patches * padded_filters;
  const Index columns = result_extent * patches.across;
  const Index out_height = g.window.out_height();
  const Index out_width = g.window.out_width();
  parallel_for(patches.tasks(), [&](Index task) {
    Buffer<T> strip(static_cast<std::size_t>(plan.strip_size(std::max(plan.padded_channels, padded_filters))));
    Buffer<T> in(static_cast<std::size_t>(points * in_point));
    Buffer<T> out(static_cast<std::size_t>(points * out_point));
    const Index begin = task * patches.rows_per_task;
    const Index end = std::min(begin + patches.rows_per_task, patches.rows);
    for (Index row = begin; row < end; ++row) {
      plan.row_to_points(x, row, strip.data(), in.data() + (row - begin) * patches.across * plan.padded_channels,
                         in_point);
    }
    const Index used = (end - begin) * patches.across;
    for (Index point = 0; point < points; ++point) {
      T* a = in.data() + point * in_point;
      std::fill_n(a + used * plan.padded_channels, (padded_patches - used) * plan.padded_channels, T{0});
      for (Index f = 0; f < padded_filters; f += tile.columns) {
        for (Index p = 0; p < used; p += tile.rows) {
          tile.product(channels, a + p * plan.padded_channels, plan.padded_channels,
                       filters.data() + point * channels * padded_filters + f, padded_filters,
                       out.data() + point * out_point + p * padded_filters + f, padded_filters);
        }
      }
    }
    for (Index row = begin; row < end; ++row) {
      for (Index q = 0; q < patches.across; ++q) {
        plan.transforms.output(out.data() + ((row - begin) * patches.across + q) * padded_filters,
                               patch_extent * out_point, out_point, strip.data() + q * result_extent * padded_filters,
                               columns * padded_filters, padded_filters, padded_filters);
      }
      const Index top = row % patches.down * result_extent;
      write_strip(strip.data(), columns, padded_filters, std::min(result_extent, out_height - top), out_width, bias,
                  g.filters, out_height, out_width, top, y + row / patches.down * g.filters * out_height * out_width);
    }
  });
}

}  // namespace engram::kernels::winograd
