#pragma once

#include <algorithm>

#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/transpose.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::kernels::winograd {

/// Writes pixels of `rows` x `columns` from (top, left) of an image [channels, H, W] as [rows, columns,
/// padded_channels]; what lies outside of the image is 0, as are the channels that only pad.
template <class T>
void read_strip(const T* image, Index channels, Index height, Index width, Index top, Index left, Index rows,
                Index columns, Index padded_channels, T* strip) {
  const Index begin = std::clamp<Index>(-left, 0, columns);
  const Index end = std::clamp<Index>(width - left, begin, columns);
  for (Index row = 0; row < rows; ++row, strip += columns * padded_channels) {
    const Index y = top + row;
    if (y < 0 || y >= height) {
      std::fill_n(strip, columns * padded_channels, T{0});
      continue;
    }
    std::fill_n(strip, begin * padded_channels, T{0});
    std::fill(strip + end * padded_channels, strip + columns * padded_channels, T{0});
    simd::transpose(channels, end - begin, image + y * width + left + begin, height * width,
                    strip + begin * padded_channels, padded_channels);
    for (Index x = begin; x < end && channels < padded_channels; ++x) {
      std::fill(strip + x * padded_channels + channels, strip + (x + 1) * padded_channels, T{0});
    }
  }
}

/// Adds bias (unless null) to a strip [rows, columns, padded_channels], of which `used_rows` x `used_columns` go to
/// rows from `top` of an image [channels, H, W].
template <class T>
void write_strip(T* strip, Index columns, Index padded_channels, Index used_rows, Index used_columns, const T* bias,
                 Index channels, Index height, Index width, Index top, T* image) {
  if (bias != nullptr) {
    simd::with_widest([&] {
      for (Index pixel = 0; pixel < used_rows * columns; ++pixel) {
        T* sums = strip + pixel * padded_channels;
        for_each_lane(0, channels, [&](Index c) { sums[c] += bias[c]; });
      }
    });
  }
  for (Index row = 0; row < used_rows; ++row) {
    simd::transpose(used_columns, channels, static_cast<const T*>(strip + row * columns * padded_channels),
                    padded_channels, image + (top + row) * width, height * width);
  }
}

}  // namespace engram::kernels::winograd
