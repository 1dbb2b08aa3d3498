#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/denoising/pixel_predictions.hpp>

namespace engram::denoising {

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

/// Pixels that an estimate takes.
inline Index needed_pixels(const NoiseCurveOptions& options = {}) {
  return static_cast<Index>(std::ceil(static_cast<double>(options.least) / options.calmest));
}

namespace detail {

/// The elements between the least and the largest.
template <class T>
std::vector<Index> not_clipped(const Tensor<T>& images) {
  std::vector<Index> all;
  if (images.size() > 0) {
    const auto [darkest, brightest] = std::ranges::minmax(images.elements());
    for (Index i = 0; i < images.size(); ++i) {
      if (images[i] > darkest && images[i] < brightest) {
        all.push_back(i);
      }
    }
  }
  return all;
}

/// A point of the curve: mean level, and root of the mean squared miss of the `count` pixels that are foreseen best.
template <class T>
std::pair<double, double> noise_at(const Tensor<T>& noisy, const PixelPredictions<T>& told, std::vector<Index>& pixels,
                                   Index count) {
  std::ranges::nth_element(pixels, pixels.begin() + count - 1, {},
                           [&](Index i) { return std::pair(told.variances[i], i); });
  double level = 0;
  double squares = 0;
  for (Index k = 0; k < count; ++k) {
    const Index i = pixels[static_cast<std::size_t>(k)];
    const double missed = static_cast<double>(noisy[i]) - static_cast<double>(told.means[i]);
    level += static_cast<double>(told.means[i]);
    squares += missed * missed;
  }
  return {level / static_cast<double>(count), std::sqrt(squares / static_cast<double>(count))};
}

/// The noise of one channel, [N, 1, H, W].
template <class T>
NoiseCurve noise_curve(const Tensor<T>& noisy, const PixelPredictions<T>& told, const NoiseCurveOptions& options) {
  const std::vector<Index> measured = not_clipped(noisy);
  const Index needed = needed_pixels(options);
  Index left = std::ssize(measured);
  if (left == 0 && noisy.size() >= needed) {  // a mask in all of it, or a light that is off
    return {{static_cast<double>(noisy[0])}, {0}};
  }
  ensure<ArgumentError>(left >= needed, "noise_curves: need ", needed,
                        " pixels or more of each channel between the darkest and the brightest, got ", left, " of ",
                        noisy.size());
  const auto by_level = [&](Index i) { return told.means[i]; };
  const double lowest = static_cast<double>(told.means[*std::ranges::min_element(measured, {}, by_level)]);
  const double highest = static_cast<double>(told.means[*std::ranges::max_element(measured, {}, by_level)]);
  const double width = (highest - lowest) / static_cast<double>(options.points);
  std::vector<std::vector<Index>> at_level(static_cast<std::size_t>(options.points));
  for (const Index i : measured) {
    const double number = width > 0 ? (static_cast<double>(told.means[i]) - lowest) / width : 0;
    at_level[std::min(static_cast<std::size_t>(number), at_level.size() - 1)].push_back(i);
  }
  NoiseCurve curve;
  std::vector<Index> pixels;
  for (const auto& more : at_level) {
    pixels.insert(pixels.end(), more.begin(), more.end());
    left -= std::ssize(more);
    if (std::ssize(pixels) >= needed && (left >= needed || left == 0)) {
      const auto count = static_cast<Index>(options.calmest * static_cast<double>(pixels.size()));
      const auto [level, deviation] = noise_at(noisy, told, pixels, std::max<Index>(count, 1));
      curve.levels.push_back(level);
      curve.deviations.push_back(deviation);
      pixels.clear();
    }
  }
  return curve;
}

}  // namespace detail

/// Estimates the noise of each channel from noisy images and what was foreseen of each pixel from those around it
/// alone.
///
/// A pixel misses its prediction by its noise and by what the prediction did not know of the scene. Where that is
/// next to nothing, as on a floor, the miss is the noise: so at each level it is measured on the pixels whose predicted
/// variance is the least, a choice that knows nothing of their own noise. At a level where the scene is nowhere calm
/// the estimate is too large. Pixels as dark as the darkest or as bright as
/// the brightest are left out: a camera clips them, as a mask does, and their noise with them.
/// @param noisy  images [N, C, H, W]
/// @param told   what is foreseen of them, see predict_blind_spots()
/// @returns      a curve for each channel: those of a colour camera differ
/// @throws ShapeError for other shapes; ArgumentError for options out of range, NaN or infinity, or fewer pixels of a
/// channel than needed_pixels(options) that are not clipped
/// Sources: Laine, Karras, Lehtinen, Aila, "High-quality self-supervised deep image denoising", NeurIPS 2019 (noise as
/// what no prediction explains); Foi, Trimeche, Katkovnik, Egiazarian, "Practical Poissonian-Gaussian noise modeling",
/// IEEE TIP 2008 (level by level, on calm parts).
template <std::floating_point T>
std::vector<NoiseCurve> noise_curves(const Tensor<T>& noisy, const PixelPredictions<T>& told,
                                     const NoiseCurveOptions& options = {}) {
  detail::check_predictions("noise_curves", noisy, told);
  ensure<ArgumentError>(options.points >= 1 && options.calmest > 0 && options.calmest <= 1 && options.least >= 1,
                        "noise_curves: need points >= 1, 0 < calmest <= 1 and least >= 1, got ", options.points, ", ",
                        options.calmest, " and ", options.least);
  std::vector<NoiseCurve> curves;
  for (Index c = 0; c < noisy.dim(1); ++c) {
    curves.push_back(detail::noise_curve(detail::channel(noisy, c), detail::channel(told, c), options));
  }
  return curves;
}

}  // namespace engram::denoising
