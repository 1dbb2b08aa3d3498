#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

namespace detail {

/// Weights at distance 0 .. radius; all of them, both sides counted, sum to 1.
inline std::vector<double> gaussian_taps(double sigma, Index radius) {
  std::vector<double> taps(static_cast<std::size_t>(radius + 1));
  double sum = 0;
  for (std::size_t d = 0; d < taps.size(); ++d) {
    taps[d] = std::exp(-0.5 * static_cast<double>(d * d) / (sigma * sigma));
    sum += d == 0 ? taps[d] : 2 * taps[d];
  }
  for (double& tap : taps) {
    tap /= sum;
  }
  return taps;
}

/// Position of i in 0 .. n-1 when the edge pixel is repeated: ... 1 0 | 0 1 2 | 2 1 ...
inline Index reflected(Index i, Index n) {
  const Index period = 2 * n;
  const Index at = ((i % period) + period) % period;
  return at < n ? at : period - 1 - at;
}

/// Filters `count` elements that stand `stride` apart.
template <class T>
void blur_line(const T* from, T* to, Index count, Index stride, const std::vector<double>& taps) {
  for (Index i = 0; i < count; ++i) {
    double sum = taps[0] * static_cast<double>(from[i * stride]);
    for (Index d = 1; d < std::ssize(taps); ++d) {
      sum += taps[static_cast<std::size_t>(d)] * (static_cast<double>(from[reflected(i - d, count) * stride]) +
                                                  static_cast<double>(from[reflected(i + d, count) * stride]));
    }
    to[i * stride] = static_cast<T>(sum);
  }
}

}  // namespace detail

/// Blurs each image with a Gaussian, cut off at 4 sigma, edges reflected: scipy.ndimage.gaussian_filter's defaults.
/// @param images  [..., H, W]
/// @param sigma   standard deviation in pixels; 0 changes nothing
/// @throws ShapeError for fewer than two axes, ArgumentError unless sigma is finite and >= 0
template <std::floating_point T>
Tensor<T> gaussian_blur(const Tensor<T>& images, double sigma) {
  ensure<ShapeError>(images.rank() >= 2, "gaussian_blur: need images [..., H, W], got ", images.shape());
  ensure<ArgumentError>(sigma >= 0 && std::isfinite(sigma), "gaussian_blur: need sigma >= 0, got ", sigma);
  if (4 * sigma < 0.5 || images.size() == 0) {
    return images;  // the kernel is a single pixel
  }
  const Index height = images.dim(-2);
  const Index width = images.dim(-1);
  const auto taps = detail::gaussian_taps(sigma, std::lround(4 * sigma));
  auto out = Tensor<T>::uninitialized(images.shape());
  parallel_for(images.size() / (height * width), [&](Index image) {
    std::vector<T> rows(static_cast<std::size_t>(height * width));
    const T* from = images.data() + image * height * width;
    for (Index y = 0; y < height; ++y) {
      detail::blur_line(from + y * width, rows.data() + y * width, width, 1, taps);
    }
    for (Index x = 0; x < width; ++x) {
      detail::blur_line(rows.data() + x, out.data() + image * height * width + x, height, width, taps);
    }
  });
  return out;
}

}  // namespace engram::analysis
