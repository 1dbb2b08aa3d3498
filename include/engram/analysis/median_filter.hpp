#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <vector>

#include <engram/analysis/check_finite.hpp>
#include <engram/analysis/gaussian_blur.hpp>
#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

namespace detail {

/// Medians of all size x size windows of an image [H, W], edges reflected.
template <class T>
void median_of_windows(const T* from, T* to, Index height, Index width, Index size) {
  const Index radius = size / 2;
  std::vector<T> window(static_cast<std::size_t>(size * size));
  const auto middle = window.begin() + (size * size) / 2;
  for (Index y = 0; y < height; ++y) {
    for (Index x = 0; x < width; ++x) {
      auto next = window.begin();
      for (Index v = y - radius; v <= y + radius; ++v) {
        const T* row = from + reflected(v, height) * width;
        for (Index u = x - radius; u <= x + radius; ++u) {
          *next++ = row[reflected(u, width)];
        }
      }
      std::nth_element(window.begin(), middle, window.end());
      to[y * width + x] = *middle;
    }
  }
}

}  // namespace detail

/// Replaces each pixel of each image by the median of the size x size pixels around it, edges reflected as by
/// gaussian_blur(): scipy.ndimage.median_filter's default border.
/// @param images  [..., H, W], finite
/// @param size    side of the window in pixels, odd; 1 changes nothing
/// @throws ShapeError for fewer than two axes; ArgumentError unless size is odd and positive and all elements are
/// finite
/// Source: Huang, Yang, Tang, "A fast two-dimensional median filtering algorithm", IEEE Transactions on Acoustics,
/// Speech, and Signal Processing 27, 1979 (the filter; windows are sorted one by one here).
template <std::floating_point T>
Tensor<T> median_filter(const Tensor<T>& images, Index size = 3) {
  ensure<ShapeError>(images.rank() >= 2, "median_filter: need images [..., H, W], got ", images.shape());
  ensure<ArgumentError>(size >= 1 && size % 2 == 1, "median_filter: need an odd size >= 1, got ", size);
  detail::check_finite("median_filter", "images", images);
  if (size == 1 || images.size() == 0) {
    return images;
  }
  const Index plane = images.dim(-2) * images.dim(-1);
  auto out = Tensor<T>::uninitialized(images.shape());
  parallel_for(images.size() / plane, [&](Index i) {
    detail::median_of_windows(images.data() + i * plane, out.data() + i * plane, images.dim(-2), images.dim(-1), size);
  });
  return out;
}

}  // namespace engram::analysis
