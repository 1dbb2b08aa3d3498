#pragma once

#include <algorithm>
#include <vector>

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

/// Writes an image [C, H, W] with its padding: padded [C, H + 2 padding, W + 2 padding] (overwritten).
template <class T>
void write_padding(const Window2d& w, const T* image, T* padded) {
  const Index width = w.width + 2 * w.padding.x;
  for (Index c = 0; c < w.channels; ++c) {
    padded = std::fill_n(padded, w.padding.y * width, T{0});
    for (Index y = 0; y < w.height; ++y, image += w.width) {
      padded = std::fill_n(padded, w.padding.x, T{0});
      padded = std::copy_n(image, w.width, padded);
      padded = std::fill_n(padded, w.padding.x, T{0});
    }
    padded = std::fill_n(padded, w.padding.y * width, T{0});
  }
}

/// Distance in memory from the pixel under the first tap to that under each tap [C KH KW]; no padding.
inline std::vector<Index> tap_offsets(const Window2d& w) {
  std::vector<Index> offsets;
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
inline std::vector<Index> position_offsets(const Window2d& w) {
  std::vector<Index> offsets;
  offsets.reserve(static_cast<std::size_t>(w.positions()));
  for (Index oy = 0; oy < w.out_height(); ++oy) {
    for (Index ox = 0; ox < w.out_width(); ++ox) {
      offsets.push_back(oy * w.stride.y * w.width + ox * w.stride.x);
    }
  }
  return offsets;
}

}  // namespace engram::kernels
