#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <vector>

#include <engram/analysis/check_finite.hpp>
#include <engram/analysis/gaussian_blur.hpp>
#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

namespace detail {

inline constexpr Index ssim_radius = 5;  ///< of the window: 11 x 11 pixels

/// Gaussian means of value(i), i a position in an image [H, W], over all windows that lie inside it:
/// [H - 2 ssim_radius, W - 2 ssim_radius].
template <class Value>
std::vector<double> window_means(Index height, Index width, const std::vector<double>& taps, Value value) {
  const Index inner_height = height - 2 * ssim_radius;
  const Index inner_width = width - 2 * ssim_radius;
  const auto tap = [&](Index d) { return taps[static_cast<std::size_t>(d < 0 ? -d : d)]; };
  std::vector<double> columns(static_cast<std::size_t>(inner_height * width));
  for (Index y = 0; y < inner_height; ++y) {
    for (Index d = -ssim_radius; d <= ssim_radius; ++d) {
      for (Index x = 0; x < width; ++x) {
        columns[static_cast<std::size_t>(y * width + x)] += tap(d) * value((y + ssim_radius + d) * width + x);
      }
    }
  }
  std::vector<double> means(static_cast<std::size_t>(inner_height * inner_width));
  for (Index y = 0; y < inner_height; ++y) {
    for (Index d = -ssim_radius; d <= ssim_radius; ++d) {
      for (Index x = 0; x < inner_width; ++x) {
        means[static_cast<std::size_t>(y * inner_width + x)] +=
            tap(d) * columns[static_cast<std::size_t>(y * width + x + ssim_radius + d)];
      }
    }
  }
  return means;
}

/// Mean similarity of two images [H, W] over all windows that lie inside them.
template <class T>
double plane_similarity(const T* a, const T* b, Index height, Index width, const std::vector<double>& taps,
                        double data_range) {
  const auto of_a = [a](Index i) { return static_cast<double>(a[i]); };
  const auto of_b = [b](Index i) { return static_cast<double>(b[i]); };
  const auto mean_a = window_means(height, width, taps, of_a);
  const auto mean_b = window_means(height, width, taps, of_b);
  const auto mean_aa = window_means(height, width, taps, [&](Index i) { return of_a(i) * of_a(i); });
  const auto mean_bb = window_means(height, width, taps, [&](Index i) { return of_b(i) * of_b(i); });
  const auto mean_ab = window_means(height, width, taps, [&](Index i) { return of_a(i) * of_b(i); });
  const double c1 = 0.01 * data_range * 0.01 * data_range;
  const double c2 = 0.03 * data_range * 0.03 * data_range;
  double sum = 0;
  for (std::size_t i = 0; i < mean_a.size(); ++i) {
    const double product = mean_a[i] * mean_b[i];
    const double squares = mean_a[i] * mean_a[i] + mean_b[i] * mean_b[i];
    sum += (2 * product + c1) * (2 * (mean_ab[i] - product) + c2) /
           ((squares + c1) * (mean_aa[i] + mean_bb[i] - squares + c2));
  }
  return sum / static_cast<double>(mean_a.size());
}

}  // namespace detail

/// Structural similarity of each pair of images, 1 where they are equal: the mean over channels and over all windows
/// that lie inside the image of
/// (2 m_a m_b + c1) (2 s_ab + c2) / ((m_a^2 + m_b^2 + c1) (s_a^2 + s_b^2 + c2)),
/// with means m, variances s^2 and covariance s_ab weighted by a Gaussian of sigma 1.5 in a window of 11 x 11 pixels,
/// c1 = (0.01 data_range)^2 and c2 = (0.03 data_range)^2.
///
/// scikit-image's structural_similarity(a, b, data_range=..., gaussian_weights=True, sigma=1.5,
/// use_sample_covariance=False), in double.
/// @param a, b        images [N, C, H, W], H and W at least 11
/// @param data_range  largest possible difference: 1 for frames scaled to 0..1, 255 for grey levels
/// @returns           [N]
/// @throws ShapeError for other shapes; ArgumentError unless data_range > 0 and all elements are finite
/// Source: Wang, Bovik, Sheikh, Simoncelli, "Image quality assessment: from error visibility to structural similarity",
/// IEEE Transactions on Image Processing 13, 2004.
template <std::floating_point T>
Tensor<double> ssim_per_image(const Tensor<T>& a, const Tensor<T>& b, double data_range = 1) {
  ensure<ShapeError>(a.shape() == b.shape() && a.rank() == 4 && a.size() > 0, "ssim: need two batches of images ",
                     "[N, C, H, W] of one shape, got ", a.shape(), " and ", b.shape());
  constexpr Index window = 2 * detail::ssim_radius + 1;
  ensure<ShapeError>(a.dim(2) >= window && a.dim(3) >= window, "ssim: need images of at least 11 x 11, got ",
                     a.shape());
  ensure<ArgumentError>(data_range > 0 && std::isfinite(data_range), "ssim: need data_range > 0, got ", data_range);
  detail::check_finite("ssim", "a", a);
  detail::check_finite("ssim", "b", b);
  const auto taps = detail::gaussian_taps(1.5, detail::ssim_radius);
  const Index channels = a.dim(1);
  const Index plane = a.dim(2) * a.dim(3);
  auto similarity = Tensor<double>::zeros({a.dim(0)});
  parallel_for(a.dim(0), [&](Index image) {
    for (Index at = image * channels * plane; at < (image + 1) * channels * plane; at += plane) {
      similarity[image] +=
          detail::plane_similarity(a.data() + at, b.data() + at, a.dim(2), a.dim(3), taps, data_range) /
          static_cast<double>(channels);
    }
  });
  return similarity;
}

/// Mean of ssim_per_image() over the images.
/// @throws as ssim_per_image()
template <std::floating_point T>
double ssim(const Tensor<T>& a, const Tensor<T>& b, double data_range = 1) {
  const auto each = ssim_per_image(a, b, data_range);
  return std::accumulate(each.data(), each.data() + each.size(), 0.0) / static_cast<double>(each.size());
}

}  // namespace engram::analysis
