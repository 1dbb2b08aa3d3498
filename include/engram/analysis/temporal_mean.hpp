#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <vector>

#include <engram/analysis/check_finite.hpp>
#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

struct TemporalMeanOptions {
  Index radius = 2;            ///< frames before and after the one in question that count
  bool include_centre = true;  ///< whether it counts itself
};

/// Running mean over neighbouring frames of a recording, the reference where no clean frame is known: result i is the
/// mean of frames i - radius .. i + radius, in double. Near the ends only the frames that exist count, so that the
/// first result is the mean of radius + 1 frames: none is invented.
///
/// Noise falls by the square root of the number of frames, and what moves blurs. A denoised frame and a mean that
/// includes its noisy frame share noise, which favours a denoiser that removes little; without the centre the
/// reference's noise is independent of the frame's and adds the same to everybody's mean squared error.
/// @param frames  [N, ...] in order of time, finite
/// @returns       of frames' shape
/// @throws ShapeError unless frames have an axis; ArgumentError for a radius < 0, elements that are not finite, or if
/// the centre is left out and there is no other frame (radius 0 or N = 1)
/// Source (of the independent reference): Lehtinen et al., "Noise2Noise: learning image restoration without clean
/// data", ICML 2018.
template <std::floating_point T>
Tensor<T> temporal_mean(const Tensor<T>& frames, const TemporalMeanOptions& options = {}) {
  ensure<ShapeError>(frames.rank() >= 1, "temporal_mean: need frames [N, ...], got ", frames.shape());
  ensure<ArgumentError>(options.radius >= 0, "temporal_mean: need radius >= 0, got ", options.radius);
  const Index count = frames.dim(0);
  ensure<ArgumentError>(options.include_centre || count == 0 || (options.radius > 0 && count > 1),
                        "temporal_mean: need a radius >= 1 and two frames where the centre is left out, got radius ",
                        options.radius, " and frames ", frames.shape());
  detail::check_finite("temporal_mean", "frames", frames);
  auto means = Tensor<T>::uninitialized(frames.shape());
  const Index size = count == 0 ? 0 : frames.size() / count;
  parallel_for(count, [&](Index i) {
    const Index first = std::max<Index>(0, i - options.radius);
    const Index last = std::min(count - 1, i + std::min(options.radius, count));
    std::vector<double> sum(static_cast<std::size_t>(size));
    for (Index j = first; j <= last; ++j) {
      if (j != i || options.include_centre) {
        std::transform(sum.begin(), sum.end(), frames.data() + j * size, sum.begin(),
                       [](double s, T v) { return s + static_cast<double>(v); });
      }
    }
    const auto frames_summed = static_cast<double>(last - first + (options.include_centre ? 1 : 0));
    std::transform(sum.begin(), sum.end(), means.data() + i * size,
                   [=](double s) { return static_cast<T>(s / frames_summed); });
  });
  return means;
}

}  // namespace engram::analysis
