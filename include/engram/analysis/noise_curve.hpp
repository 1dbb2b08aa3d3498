#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <utility>
#include <vector>

#include <engram/analysis/check_finite.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

/// How strong the noise is at each level of light: a camera's grows with it.
struct NoiseCurve {
  std::vector<double> levels;      ///< of the pixels without noise, rising
  std::vector<double> deviations;  ///< standard deviation of the noise there, in the same unit

  /// Standard deviation at a level: between the curve's points along lines, beyond its ends as there.
  double operator()(double level) const {
    const auto above = std::ranges::upper_bound(levels, level);
    if (above == levels.begin() || above == levels.end()) {
      return above == levels.begin() ? deviations.front() : deviations.back();
    }
    const auto i = static_cast<std::size_t>(above - levels.begin());
    return std::lerp(deviations[i - 1], deviations[i], (level - levels[i - 1]) / (levels[i] - levels[i - 1]));
  }
};

struct NoiseCurveOptions {
  Index points = 24;     ///< of the curve at most, over levels equally far apart
  double calmest = 0.1;  ///< share of a level's pixels that the noise is measured on: those that are foreseen best
  Index least = 200;     ///< pixels that it is measured on; levels with fewer are joined
};

namespace detail {

/// @throws ShapeError unless images and what is foreseen of them have one shape
template <class T>
void check_predictions(const char* operation, const Tensor<T>& noisy, const Tensor<T>& means,
                       const Tensor<T>& variances) {
  ensure<ShapeError>(noisy.shape() == means.shape() && noisy.shape() == variances.shape(), operation,
                     ": need images, means and variances of one shape, got ", noisy.shape(), ", ", means.shape(),
                     " and ", variances.shape());
}

/// A point of the curve: mean level, and root of the mean squared miss of the `count` pixels that are foreseen best.
template <class T>
std::pair<double, double> noise_at(const Tensor<T>& noisy, const Tensor<T>& means, const Tensor<T>& variances,
                                   std::vector<Index>& pixels, Index count) {
  std::ranges::nth_element(pixels, pixels.begin() + count - 1, {}, [&](Index i) { return std::pair(variances[i], i); });
  double level = 0;
  double squares = 0;
  for (Index k = 0; k < count; ++k) {
    const Index i = pixels[static_cast<std::size_t>(k)];
    const double missed = static_cast<double>(noisy[i]) - static_cast<double>(means[i]);
    level += static_cast<double>(means[i]);
    squares += missed * missed;
  }
  return {level / static_cast<double>(count), std::sqrt(squares / static_cast<double>(count))};
}

}  // namespace detail

/// Estimates the noise from noisy images and what was foreseen of each pixel from those around it alone.
///
/// A pixel misses its prediction by its noise and by what the prediction did not know of the scene. Where that is
/// next to nothing, as on a floor, the miss is the noise: so at each level it is measured on the pixels whose predicted
/// variance is the least, a choice that knows nothing of their own noise. At a level where the scene is nowhere calm
/// the estimate is too large.
/// @param noisy      images of any shape
/// @param means      what is foreseen, same shape
/// @param variances  of what is foreseen, same shape
/// @throws ShapeError for shapes that differ; ArgumentError for options out of range, NaN or infinity, or fewer pixels
/// than least / calmest
/// Sources: Laine, Karras, Lehtinen, Aila, "High-quality self-supervised deep image denoising", NeurIPS 2019 (noise as
/// what no prediction explains); Foi, Trimeche, Katkovnik, Egiazarian, "Practical Poissonian-Gaussian noise modeling",
/// IEEE TIP 2008 (level by level, on calm parts).
template <std::floating_point T>
NoiseCurve noise_curve(const Tensor<T>& noisy, const Tensor<T>& means, const Tensor<T>& variances,
                       const NoiseCurveOptions& options = {}) {
  detail::check_predictions("noise_curve", noisy, means, variances);
  ensure<ArgumentError>(options.points >= 1 && options.calmest > 0 && options.calmest <= 1 && options.least >= 1,
                        "noise_curve: need points >= 1, 0 < calmest <= 1 and least >= 1, got ", options.points, ", ",
                        options.calmest, " and ", options.least);
  detail::check_finite("noise_curve", "images", noisy);
  detail::check_finite("noise_curve", "means", means);
  detail::check_finite("noise_curve", "variances", variances);
  const auto needed = static_cast<Index>(std::ceil(static_cast<double>(options.least) / options.calmest));
  ensure<ArgumentError>(noisy.size() >= needed, "noise_curve: need ", needed, " pixels or more, got ", noisy.size());

  const auto [low, high] = std::ranges::minmax(means.elements());
  const double lowest = static_cast<double>(low);
  const double width = (static_cast<double>(high) - lowest) / static_cast<double>(options.points);
  std::vector<std::vector<Index>> at_level(static_cast<std::size_t>(options.points));
  for (Index i = 0; i < means.size(); ++i) {
    const double number = width > 0 ? (static_cast<double>(means[i]) - lowest) / width : 0;
    at_level[std::min(static_cast<std::size_t>(number), at_level.size() - 1)].push_back(i);
  }
  NoiseCurve curve;
  std::vector<Index> pixels;
  Index left = means.size();
  for (const auto& more : at_level) {
    pixels.insert(pixels.end(), more.begin(), more.end());
    left -= std::ssize(more);
    if (std::ssize(pixels) >= needed && (left >= needed || left == 0)) {
      const auto count = static_cast<Index>(options.calmest * static_cast<double>(pixels.size()));
      const auto [level, deviation] = detail::noise_at(noisy, means, variances, pixels, std::max<Index>(count, 1));
      curve.levels.push_back(level);
      curve.deviations.push_back(deviation);
      pixels.clear();
    }
  }
  return curve;
}

}  // namespace engram::analysis
