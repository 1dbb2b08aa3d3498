#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/denoising/noise_curve.hpp>
#include <engram/denoising/pixel_predictions.hpp>

namespace engram::denoising {

/// How the noise of pixels 1, 2 and 3 apart goes together: 0 for white noise; NaN where there are too few calm pixels.
struct NoiseCorrelation {
  std::array<double, 3> along_rows{};     ///< of pixels beside each other
  std::array<double, 3> along_columns{};  ///< of pixels above each other
};

struct NoiseCorrelationOptions {
  double calmest = 0.2;  ///< share of each channel's pixels that is looked at: those that are foreseen best
  Index least = 1000;    ///< pairs of them at each distance
};

namespace detail {

/// Mean square of what lies within four standard deviations of 0, as the median tells them: without the edges of
/// things.
inline double robust_mean_square(std::vector<double> sizes) {
  const auto middle = sizes.begin() + std::ssize(sizes) / 2;
  std::ranges::nth_element(sizes, middle);
  const double limit = 6 * *middle;
  double sum = 0;
  double count = 0;
  for (const double size : sizes) {
    if (size <= limit) {
      sum += size * size;
      ++count;
    }
  }
  return sum / count;
}

/// Which pixels of one channel are not clipped and among the share that is foreseen best.
template <class T>
std::vector<char> calm_pixels(const Tensor<T>& noisy, const Tensor<T>& variances, double calmest) {
  std::vector<char> calm(static_cast<std::size_t>(noisy.size()), 0);
  const std::vector<Index> measured = not_clipped(noisy);
  if (measured.empty()) {
    return calm;
  }
  std::vector<T> sorted;
  for (const Index i : measured) {
    sorted.push_back(variances[i]);
  }
  const auto at =
      std::min(static_cast<std::ptrdiff_t>(calmest * static_cast<double>(sorted.size())), std::ssize(sorted) - 1);
  std::ranges::nth_element(sorted, sorted.begin() + at);
  for (const Index i : measured) {
    calm[static_cast<std::size_t>(i)] = variances[i] <= sorted[static_cast<std::size_t>(at)] ? 1 : 0;
  }
  return calm;
}

/// By how much calm pixels 1 to 4 apart differ, and what is foreseen of them.
struct Differences {
  std::array<std::vector<double>, 4> seen;
  std::array<std::vector<double>, 4> foreseen;

  /// Adds a channel's pixels that are `step` elements apart, of which there are `extent` in a line.
  template <class T>
  void add(const Tensor<T>& noisy, const Tensor<T>& means, const std::vector<char>& calm, Index step, Index extent) {
    for (Index i = 0; i < noisy.size(); ++i) {
      for (Index k = 1; k <= 4 && i / step % extent + k < extent; ++k) {
        const Index other = i + k * step;
        if (calm[static_cast<std::size_t>(i)] != 0 && calm[static_cast<std::size_t>(other)] != 0) {
          const auto at = static_cast<std::size_t>(k - 1);
          seen[at].push_back(std::abs(static_cast<double>(noisy[i]) - static_cast<double>(noisy[other])));
          foreseen[at].push_back(std::abs(static_cast<double>(means[i]) - static_cast<double>(means[other])));
        }
      }
    }
  }

  /// 1 - (D(k) - F(k)) / (D(4) - F(4)); NaN where fewer than `least` pairs are known.
  std::array<double, 3> correlation(Index least) const {
    std::array<double, 3> out{};
    out.fill(std::numeric_limits<double>::quiet_NaN());
    if (std::ranges::any_of(seen, [&](const auto& pairs) { return std::ssize(pairs) < least; })) {
      return out;
    }
    const auto noise = [&](std::size_t k) { return robust_mean_square(seen[k]) - robust_mean_square(foreseen[k]); };
    const double apart = noise(3);
    for (std::size_t k = 0; k < 3 && apart > 0; ++k) {
      out[k] = 1 - noise(k) / apart;
    }
    return out;
  }
};

}  // namespace detail

/// Tells noise whose neighbouring pixels go together, which a network that is trained with blind spots takes for a part
/// of the scene, as its neighbours tell a hidden pixel's noise.
///
/// On calm parts, pixels k apart differ by their noise: by 2 n^2 (1 - c(k)) in the mean square, for noise of deviation
/// n and correlation c, and by the scene, whose part is the mean square F(k) by which what is foreseen of them differs.
/// Those 4 apart stand for n, so that c(k) = 1 - (D(k) - F(k)) / (D(4) - F(4)).
/// It cannot tell an offset that all pixels of a row share, which is in none of the differences along it; along columns
/// such rows look white.
/// @param noisy  images [N, C, H, W]
/// @param told   what is foreseen of them, see predict_blind_spots()
/// @throws ShapeError for other shapes; ArgumentError for options out of range, NaN or infinity
template <std::floating_point T>
NoiseCorrelation noise_correlation(const Tensor<T>& noisy, const PixelPredictions<T>& told,
                                   const NoiseCorrelationOptions& options = {}) {
  detail::check_predictions("noise_correlation", noisy, told);
  ensure<ArgumentError>(options.calmest > 0 && options.calmest <= 1 && options.least >= 1,
                        "noise_correlation: need 0 < calmest <= 1 and least >= 1, got ", options.calmest, " and ",
                        options.least);
  const Shape& s = noisy.shape();
  detail::Differences rows;
  detail::Differences columns;
  for (Index c = 0; c < s[1]; ++c) {
    const Tensor<T> pixels = detail::channel(noisy, c);
    const auto foreseen = detail::channel(told, c);
    const auto calm = detail::calm_pixels(pixels, foreseen.variances, options.calmest);
    rows.add(pixels, foreseen.means, calm, 1, s[3]);
    columns.add(pixels, foreseen.means, calm, s[3], s[2]);
  }
  return {rows.correlation(options.least), columns.correlation(options.least)};
}

}  // namespace engram::denoising
