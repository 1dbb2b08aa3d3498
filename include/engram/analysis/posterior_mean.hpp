#pragma once

#include <algorithm>
#include <concepts>
#include <utility>

#include <engram/analysis/noise_curve.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

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
  ensure<ArgumentError>(!noise.levels.empty() && noise.levels.size() == noise.deviations.size(),
                        "posterior_mean: need a noise curve of points, got ", noise.levels.size(), " levels and ",
                        noise.deviations.size(), " deviations");
  Tensor<T> out = means;
  for (Index i = 0; i < out.size(); ++i) {
    const auto variance = static_cast<double>(variances[i]);
    const double deviation = noise(static_cast<double>(means[i]));
    const double weight = std::max(0.0, 1 - deviation * deviation / variance);
    out[i] += static_cast<T>(weight * (static_cast<double>(noisy[i]) - static_cast<double>(means[i])));
  }
  return out;
}

}  // namespace engram::analysis
