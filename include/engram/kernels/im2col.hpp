#pragma once

#include <algorithm>

#include <engram/kernels/window.hpp>

namespace engram::kernels {

namespace detail {

/// Calls row(tap, out_row, first, last, pixel) for each tap and row of positions: positions
/// out_row * out_width + [first, last) read the image at pixel, pixel + stride, ...; the others read padding.
template <class Row>
void for_each_row(const Window2d& w, Row row) {
  const Index out_height = w.out_height();
  const Index out_width = w.out_width();
  Index tap = 0;
  for (Index c = 0; c < w.channels; ++c) {
    for (Index ky = 0; ky < w.kernel.y; ++ky) {
      for (Index kx = 0; kx < w.kernel.x; ++kx, ++tap) {
        const Index left = kx * w.dilation.x - w.padding.x;  // image column at position 0
        const Index first = std::clamp<Index>(left >= 0 ? 0 : (-left + w.stride.x - 1) / w.stride.x, 0, out_width);
        const Index last =
            std::clamp<Index>(left >= w.width ? 0 : (w.width - left + w.stride.x - 1) / w.stride.x, first, out_width);
        for (Index oy = 0; oy < out_height; ++oy) {
          const Index y = oy * w.stride.y + ky * w.dilation.y - w.padding.y;
          const bool inside = y >= 0 && y < w.height;
          row(tap, oy, inside ? first : out_width, inside ? last : out_width,
              (c * w.height + y) * w.width + left + first * w.stride.x);
        }
      }
    }
  }
}

}  // namespace detail

/// Writes the pixel under each tap at each position; padding reads as 0.
///
/// image [C, H, W], columns [C KH KW, OH OW] (overwritten).
/// Source: Chellapilla, Puri, Simard, "High performance convolutional neural networks for document
/// processing", 2006.
template <class T>
void im2col(const Window2d& w, const T* image, T* columns) {
  const Index out_width = w.out_width();
  detail::for_each_row(w, [&](Index tap, Index oy, Index first, Index last, Index pixel) {
    T* out = columns + tap * w.positions() + oy * out_width;
    std::fill(out, out + first, T{0});
    if (w.stride.x == 1) {
      if (last > first) {
        std::copy_n(image + pixel, last - first, out + first);
      }
    } else {
      for (Index x = first; x < last; ++x, pixel += w.stride.x) {
        out[x] = image[pixel];
      }
    }
    std::fill(out + last, out + out_width, T{0});
  });
}

/// Adjoint of im2col: adds each column entry to the pixel it was read from. Shapes as in im2col.
template <class T>
void col2im_add(const Window2d& w, const T* columns, T* image) {
  const Index out_width = w.out_width();
  detail::for_each_row(w, [&](Index tap, Index oy, Index first, Index last, Index pixel) {
    const T* in = columns + tap * w.positions() + oy * out_width;
    for (Index x = first; x < last; ++x, pixel += w.stride.x) {
      image[pixel] += in[x];
    }
  });
}

}  // namespace engram::kernels
