#pragma once

#include <algorithm>

#include <engram/kernels/conv2d_geometry.hpp>

// Convolution with filters of 3 x 3 by way of points: a patch of 6 x 6 pixels and a filter become 36 numbers each,
// whose products, summed over the channels, become 4 x 4 results: 36 multiplications in place of 144. Points are
// stored [36, patches, channels], so that the sums over channels are 36 matrix products, and all transforms work on
// vectors of neighbouring channels.

namespace engram::kernels::winograd {

inline constexpr Index points = 36;
inline constexpr Index filter_extent = 3;
inline constexpr Index result_extent = 4;
inline constexpr Index patch_extent = 6;

/// How a convolution's result is covered by squares of 4 x 4, and how many of them are worked on at a time.
struct Patches {
  Index down = 0;           ///< squares in a column of them, of one image
  Index across = 0;         ///< in a row
  Index rows = 0;           ///< rows of squares in the whole batch
  Index rows_per_task = 0;  ///< which one task works on

  explicit Patches(const Conv2dGeometry& g)
      : down((g.window.out_height() + result_extent - 1) / result_extent),
        across((g.window.out_width() + result_extent - 1) / result_extent),
        rows(g.batch * down) {
    constexpr Index wanted = 36;  // fills the register tiles' rows, and fits in a core's cache
    constexpr Index fewest_tasks = 8;
    rows_per_task = std::clamp<Index>(std::min((wanted + across - 1) / across, rows / fewest_tasks), 1, rows);
  }
  Index tasks() const { return (rows + rows_per_task - 1) / rows_per_task; }
  Index per_task() const { return rows_per_task * across; }
};

/// Whether the transforms know the filter, and save enough multiplications to be worth their own time.
inline bool pays(const Conv2dGeometry& g) {
  const Window2d& w = g.window;
  if (g.algorithm == ConvAlgorithm::direct || w.kernel != Pair(filter_extent) || w.stride != Pair(1) ||
      w.dilation != Pair(1) || g.groups != 1 || w.channels < 16 || g.filters < 16 || g.batch == 0) {
    return false;
  }
  const Patches patches(g);
  return 3 * w.positions() * filter_extent * filter_extent >= 5 * patches.down * patches.across * points;
}

}  // namespace engram::kernels::winograd
