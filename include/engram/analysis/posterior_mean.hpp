#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <vector>

#include <engram/analysis/noise_curve.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

namespace detail {

inline void check_curve(const NoiseCurve& noise) {
  ensure<ArgumentError>(!noise.levels.empty() && noise.levels.size() == noise.deviations.size(),
                        "posterior_mean: need a noise curve of points, got ", noise.levels.size(), " levels and ",
                        noise.deviations.size(), " deviations");
}

/// What the pixel adds to its prediction.
template <class T>
T from_the_pixel(T noisy, T mean, T variance, const NoiseCurve& noise) {
  const double deviation = noise(static_cast<double>(mean));
  const double weight = std::max(0.0, 1 - deviation * deviation / static_cast<double>(variance));
  return static_cast<T>(weight * (static_cast<double>(noisy) - static_cast<double>(mean)));
}

}  // namespace detail

/// Joins what was foreseen of each pixel from those around it with the pixel itself: the mean of the truth given both,
///
///     m + (v - n^2) / v (y - m)
///
/// for a pixel y, of which mean m and variance v were foreseen, and noise of standard deviation n at the level m. Where
/// the prediction is as sure as the noise allows, v = n^2, it stands; the less sure it is, the more the pixel says.
/// @param noisy      images y of any shape
/// @param means      m, same shape
/// @param variances  v > 0, same shape
/// @throws ShapeError for shapes that differ; ArgumentError for a curve of no points
/// Source: Laine, Karras, Lehtinen, Aila, "High-quality self-supervised deep image denoising", NeurIPS 2019, sec. 3.
template <std::floating_point T>
Tensor<T> posterior_mean(const Tensor<T>& noisy, const Tensor<T>& means, const Tensor<T>& variances,
                         const NoiseCurve& noise) {
  detail::check_predictions("posterior_mean", noisy, means, variances);
  detail::check_curve(noise);
  Tensor<T> out = means;
  for (Index i = 0; i < out.size(); ++i) {
    out[i] += detail::from_the_pixel(noisy[i], means[i], variances[i], noise);
  }
  return out;
}

/// The same of images [N, C, H, W] with a curve for each channel, as noise_curves() gives them.
/// @throws ShapeError for other shapes; ArgumentError for another number of curves, or one of no points
template <std::floating_point T>
Tensor<T> posterior_mean(const Tensor<T>& noisy, const Tensor<T>& means, const Tensor<T>& variances,
                         const std::vector<NoiseCurve>& noise) {
  detail::check_predictions("posterior_mean", noisy, means, variances);
  const Shape& s = noisy.shape();
  ensure<ShapeError>(s.rank() == 4, "posterior_mean: need images [N, C, H, W], got ", s);
  ensure<ArgumentError>(std::ssize(noise) == s[1], "posterior_mean: need a noise curve for each of ", s[1],
                        " channels, got ", noise.size());
  std::ranges::for_each(noise, detail::check_curve);
  Tensor<T> out = means;
  for (Index i = 0; i < out.size(); ++i) {
    const auto channel = static_cast<std::size_t>(i / (s[2] * s[3]) % s[1]);
    out[i] += detail::from_the_pixel(noisy[i], means[i], variances[i], noise[channel]);
  }
  return out;
}

}  // namespace engram::analysis
