#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/denoising/noise_curve.hpp>
#include <engram/denoising/pixel_predictions.hpp>

namespace engram::denoising {

/// Joins what was foreseen of each pixel from those around it with the pixel itself: the mean of the truth given both,
///
///     m + (v - n^2) / v (y - m)
///
/// for a pixel y, of which mean m and variance v were foreseen, and noise of standard deviation n at the level m. Where
/// the prediction is as sure as the noise allows, v = n^2, it stands; the less sure it is, the more the pixel says.
/// @param noisy  images y [N, C, H, W]
/// @param told   m and v > 0 of each pixel, see predict_blind_spots()
/// @param noise  a curve for each channel, see noise_curves()
/// @throws ShapeError for shapes that differ; ArgumentError for NaN or infinity, another number of curves, or one of no
/// points
/// Source: Laine, Karras, Lehtinen, Aila, "High-quality self-supervised deep image denoising", NeurIPS 2019, sec. 3.
template <std::floating_point T>
Tensor<T> posterior_mean(const Tensor<T>& noisy, const PixelPredictions<T>& told,
                         const std::vector<NoiseCurve>& noise) {
  detail::check_predictions("posterior_mean", noisy, told);
  const Shape& s = noisy.shape();
  ensure<ArgumentError>(std::ssize(noise) == s[1], "posterior_mean: need a noise curve for each of ", s[1],
                        " channels, got ", noise.size());
  for (const NoiseCurve& curve : noise) {
    ensure<ArgumentError>(!curve.levels.empty() && curve.levels.size() == curve.deviations.size(),
                          "posterior_mean: need noise curves of points, got ", curve.levels.size(), " levels and ",
                          curve.deviations.size(), " deviations");
  }
  Tensor<T> out = told.means;
  for (Index i = 0; i < out.size(); ++i) {
    const auto mean = static_cast<double>(told.means[i]);
    const double deviation = noise[static_cast<std::size_t>(i / (s[2] * s[3]) % s[1])](mean);
    const double weight = std::max(0.0, 1 - deviation * deviation / static_cast<double>(told.variances[i]));
    out[i] = static_cast<T>(mean + weight * (static_cast<double>(noisy[i]) - mean));
  }
  return out;
}

}  // namespace engram::denoising
