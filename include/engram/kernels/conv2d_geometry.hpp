#pragma once

#include <algorithm>

#include <engram/core/pool_allocator.hpp>
#include <engram/kernels/window.hpp>

namespace engram::kernels {

/// How a convolution is computed.
enum class ConvAlgorithm {
  automatic,  ///< by Winograd's transforms (winograd/conv2d.hpp) where they pay, else directly
  direct      ///< the products as they are defined
};

/// A batch of images [batch, groups * window.channels, H, W] meets `groups` banks of `filters` filters each:
/// weight [groups * filters, window.channels, KH, KW], result [batch, groups * filters, OH, OW].
struct Conv2dGeometry {
  Window2d window;  ///< of one group: its channels are the input channels of a group
  Index batch = 1;
  Index groups = 1;
  Index filters = 1;  ///< output channels of a group
  ConvAlgorithm algorithm = ConvAlgorithm::automatic;

  Index image_size() const { return groups * window.pixels(); }
  Index result_size() const { return groups * filters * window.positions(); }
  Index weight_size() const { return groups * filters * window.taps(); }
};

/// The same window on an image whose padding is written out.
inline Window2d with_padding_written(Window2d w) {
  w.height += 2 * w.padding.y;
  w.width += 2 * w.padding.x;
  w.padding = 0;
  return w;
}

/// Writes rows begin .. begin+rows-1 of an image [C, H, W] with its padding, counted from the upper padding's first:
/// padded [C, rows, W + 2 padding] (overwritten).
template <class T>
void write_padding(const Window2d& w, const T* image, Index begin, Index rows, T* padded) {
  const Index width = w.width + 2 * w.padding.x;
  for (Index c = 0; c < w.channels; ++c, image += w.height * w.width) {
    for (Index y = begin - w.padding.y; y < begin + rows - w.padding.y; ++y) {
      if (y < 0 || y >= w.height) {
        padded = std::fill_n(padded, width, T{0});
        continue;
      }
      padded = std::fill_n(padded, w.padding.x, T{0});
      padded = std::copy_n(image + y * w.width, w.width, padded);
      padded = std::fill_n(padded, w.padding.x, T{0});
    }
  }
}

/// The whole image: padded [C, H + 2 padding, W + 2 padding].
template <class T>
void write_padding(const Window2d& w, const T* image, T* padded) {
  write_padding(w, image, 0, w.height + 2 * w.padding.y, padded);
}

namespace detail {

/// How many tasks an image's positions are shared by: more than one if the batch is small, each with a register tile's
/// columns at least.
inline Index pieces_of_image(const Conv2dGeometry& g, Index positions, Index columns) {
  constexpr Index fewest_tasks = 16;
  const Index wanted = (fewest_tasks + g.batch * g.groups - 1) / std::max<Index>(1, g.batch * g.groups);
  return std::clamp<Index>((positions + columns - 1) / columns, 1, wanted);
}

}  // namespace detail

/// Distance in memory from the pixel under the first tap to that under each tap [C KH KW]; no padding.
inline PoolVector<Index> tap_offsets(const Window2d& w) {
  PoolVector<Index> offsets;
  offsets.reserve(static_cast<std::size_t>(w.taps()));
  for (Index c = 0; c < w.channels; ++c) {
    for (Index ky = 0; ky < w.kernel.y; ++ky) {
      for (Index kx = 0; kx < w.kernel.x; ++kx) {
        offsets.push_back((c * w.height + ky * w.dilation.y) * w.width + kx * w.dilation.x);
      }
    }
  }
  return offsets;
}

/// Distance in memory from the first tap's pixel at the first position to that at each position [OH OW]; no
/// padding.
inline PoolVector<Index> position_offsets(const Window2d& w) {
  PoolVector<Index> offsets;
  offsets.reserve(static_cast<std::size_t>(w.positions()));
  for (Index oy = 0; oy < w.out_height(); ++oy) {
    for (Index ox = 0; ox < w.out_width(); ++ox) {
      offsets.push_back(oy * w.stride.y * w.width + ox * w.stride.x);
    }
  }
  return offsets;
}

}  // namespace engram::kernels
