#pragma once

#include <algorithm>

#include <engram/core/shape.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/transpose.hpp>
#include <engram/kernels/simd/widest.hpp>

// Inference works on images in channels-last order, [N, H, W, C]: the channels of a pixel are neighbours, so that
// convolutions gather nothing across planes, and what follows them is a loop over channels.

namespace engram::infer {

/// Pixels of zeros around an image.
struct Margins {
  Index top = 0;
  Index left = 0;
  Index bottom = 0;
  Index right = 0;
};

/// How images [N, H, W, C] with margins lie in memory. A vector of C numbers is an image of one pixel.
struct Maps {
  Index channels = 1;
  Index height = 1;
  Index width = 1;
  Margins margins{};

  /// From a pixel to the one below it.
  Index row() const { return (margins.left + width + margins.right) * channels; }
  /// From an image to the next.
  Index image() const { return (margins.top + height + margins.bottom) * row(); }
  /// From an image's first element, which may be in a margin, to a pixel.
  Index pixel(Index y, Index x) const { return (margins.top + y) * row() + (margins.left + x) * channels; }
  /// Elements of an image without its margins.
  Index size() const { return height * width * channels; }
};

/// Clears the margins of images; their pixels stay.
template <class T>
void clear_margins(const Maps& maps, Index images, T* data) {
  const Margins& around = maps.margins;
  for (Index n = 0; n < images; ++n, data += maps.image()) {
    std::fill_n(data, around.top * maps.row(), T{0});
    for (Index y = 0; y < maps.height && around.left + around.right > 0; ++y) {
      T* row = data + (around.top + y) * maps.row();
      std::fill_n(row, around.left * maps.channels, T{0});
      std::fill_n(row + (around.left + maps.width) * maps.channels, around.right * maps.channels, T{0});
    }
    std::fill_n(data + (around.top + maps.height) * maps.row(), around.bottom * maps.row(), T{0});
  }
}

/// Images [N, C, H, W] to maps, whose margins are cleared.
template <class T>
void to_maps(const T* images, const Maps& maps, Index count, T* out) {
  clear_margins(maps, count, out);
  const Index area = maps.height * maps.width;
  for (Index n = 0; n < count; ++n, images += maps.size(), out += maps.image()) {
    for (Index y = 0; y < maps.height; ++y) {
      const T* from = images + y * maps.width;
      if (maps.channels == 1) {
        std::copy_n(from, maps.width, out + maps.pixel(y, 0));
      } else {
        kernels::simd::transpose(maps.channels, maps.width, from, area, out + maps.pixel(y, 0), maps.channels);
      }
    }
  }
}

/// Maps to images [N, C, H, W].
template <class T>
void to_images(const Maps& maps, Index count, const T* in, T* images) {
  const Index area = maps.height * maps.width;
  for (Index n = 0; n < count; ++n, images += maps.size(), in += maps.image()) {
    for (Index y = 0; y < maps.height; ++y) {
      T* to = images + y * maps.width;
      if (maps.channels == 1) {
        std::copy_n(in + maps.pixel(y, 0), maps.width, to);
      } else {
        kernels::simd::transpose(maps.width, maps.channels, in + maps.pixel(y, 0), maps.channels, to, area);
      }
    }
  }
}

}  // namespace engram::infer
