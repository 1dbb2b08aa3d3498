#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include <engram/analysis/check_finite.hpp>
#include <engram/analysis/noise_curve.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

/// How the noise of pixels 1, 2 and 3 apart goes together: 0 for white noise; NaN where there are too few calm pixels.
struct NoiseCorrelation {
  std::array<double, 3> along_rows{};     ///< of pixels beside each other
  std::array<double, 3> along_columns{};  ///< of pixels above each other
};

struct NoiseCorrelationOptions {
  double calmest = 0.2;  ///< share of the pixels that are looked at: those that are foreseen best
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

}  // namespace detail

/// Tells noise whose neighbouring pixels go together, which a network that is trained with blind spots takes for a part
/// of the scene, as its neighbours tell a hidden pixel's noise.
///
/// On calm parts, pixels k apart differ by their noise: by 2 n^2 (1 - c(k)) in the mean square, for noise of deviation
/// n and correlation c, and by the scene, whose part is the mean square F(k) by which what is foreseen of them differs.
/// Those 4 apart stand for n, so that c(k) = 1 - (D(k) - F(k)) / (D(4) - F(4)).
/// It cannot tell an offset that all pixels of a row share, which is in none of the differences along it; along columns
/// such rows look white.
/// @param noisy      images [N, C, H, W]
/// @param means      what is foreseen of each pixel, same shape
/// @param variances  of what is foreseen, same shape
/// @throws ShapeError for other shapes; ArgumentError for options out of range, NaN or infinity
template <std::floating_point T>
NoiseCorrelation noise_correlation(const Tensor<T>& noisy, const Tensor<T>& means, const Tensor<T>& variances,
                                   const NoiseCorrelationOptions& options = {}) {
  const Shape& s = noisy.shape();
  detail::check_predictions("noise_correlation", noisy, means, variances);
  ensure<ShapeError>(s.rank() == 4, "noise_correlation: need images [N, C, H, W], got ", s);
  ensure<ArgumentError>(options.calmest > 0 && options.calmest <= 1 && options.least >= 1,
                        "noise_correlation: need 0 < calmest <= 1 and least >= 1, got ", options.calmest, " and ",
                        options.least);
  detail::check_finite("noise_correlation", "images", noisy);
  detail::check_finite("noise_correlation", "means", means);
  detail::check_finite("noise_correlation", "variances", variances);
  NoiseCorrelation out;
  const std::vector<Index> measured = detail::not_clipped(noisy);
  if (measured.empty()) {
    out.along_rows.fill(std::numeric_limits<double>::quiet_NaN());
    out.along_columns = out.along_rows;
    return out;
  }
  std::vector<T> sorted;
  for (const Index i : measured) {
    sorted.push_back(variances[i]);
  }
  const auto at = std::min(static_cast<std::ptrdiff_t>(options.calmest * static_cast<double>(sorted.size())),
                           std::ssize(sorted) - 1);
  std::ranges::nth_element(sorted, sorted.begin() + at);
  const T calm = sorted[static_cast<std::size_t>(at)];
  std::vector<char> is_calm(static_cast<std::size_t>(noisy.size()), 0);
  for (const Index i : measured) {
    is_calm[static_cast<std::size_t>(i)] = variances[i] <= calm ? 1 : 0;
  }
  const auto along = [&](Index step, Index extent) {  // pixels `step` elements apart, of which there are `extent`
    std::array<std::vector<double>, 4> differences;
    std::array<std::vector<double>, 4> foreseen;
    for (Index i = 0; i < noisy.size(); ++i) {
      for (Index k = 1; k <= 4 && i / step % extent + k < extent; ++k) {
        const Index other = i + k * step;
        if (is_calm[static_cast<std::size_t>(i)] != 0 && is_calm[static_cast<std::size_t>(other)] != 0) {
          differences[static_cast<std::size_t>(k - 1)].push_back(
              std::abs(static_cast<double>(noisy[i]) - static_cast<double>(noisy[other])));
          foreseen[static_cast<std::size_t>(k - 1)].push_back(
              std::abs(static_cast<double>(means[i]) - static_cast<double>(means[other])));
        }
      }
    }
    std::array<double, 4> squares{};
    bool known = true;
    for (std::size_t k = 0; k < 4; ++k) {
      known = known && std::ssize(differences[k]) >= options.least;
      if (known) {
        squares[k] =
            detail::robust_mean_square(std::move(differences[k])) - detail::robust_mean_square(std::move(foreseen[k]));
      }
    }
    std::array<double, 3> correlation{};
    for (std::size_t k = 0; k < 3; ++k) {
      correlation[k] = known && squares[3] > 0 ? 1 - squares[k] / squares[3] : std::numeric_limits<double>::quiet_NaN();
    }
    return correlation;
  };
  out.along_rows = along(1, s[3]);
  out.along_columns = along(s[3], s[2]);
  return out;
}

}  // namespace engram::analysis
