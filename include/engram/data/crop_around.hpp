#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/augment/images.hpp>
#include <engram/data/augment/motion.hpp>
#include <engram/data/frames.hpp>

namespace engram::data {

struct CropOptions {
  Index size = 50;    ///< pixels of the crop's sides
  double window = 0;  ///< pixels of the frame that its sides span; 0: size
  Outside outside{};  ///< what lies beyond the frame
};

/// A square part of a frame around a place, as of an animal.
///
/// Where the window is the size and nothing is turned, pixels are copied, from the whole pixels that lie closest: the
/// camera's noise stays as it was. Otherwise they are interpolated (bilinear; the mean of several where the window is
/// larger than the size), and the noise of neighbours then goes together, which a denoiser has to be told.
/// @param frame    [H, W]
/// @param x, y     the place, in pixels; the first pixel's middle is at 0
/// @param degrees  direction that shall point to the right in the crop, clockwise from the right on screen
/// @returns        [size, size]
/// @throws ShapeError for another rank; ArgumentError unless size >= 1, window >= 0 and all is finite
inline Tensor<std::uint8_t> crop_around(const Tensor<std::uint8_t>& frame, double x, double y, double degrees,
                                        const CropOptions& options) {
  ensure<ShapeError>(frame.rank() == 2 && frame.size() > 0, "crop_around: need a frame [H, W], got ", frame.shape());
  ensure<ArgumentError>(options.size >= 1 && options.window >= 0 && std::isfinite(options.window),
                        "crop_around: need size >= 1 and window >= 0, got ", options.size, " and ", options.window);
  ensure<ArgumentError>(std::isfinite(x) && std::isfinite(y) && std::isfinite(degrees),
                        "crop_around: need a finite place and direction, got (", x, ", ", y, ") and ", degrees);
  const Index size = options.size;
  const double window = options.window > 0 ? options.window : static_cast<double>(size);
  const bool copied = window == static_cast<double>(size) && degrees == 0;
  if (copied) {  // the middle of the crop on a corner or a middle of pixels
    const double half = static_cast<double>(size - 1) / 2;
    x = std::round(x - half) + half;
    y = std::round(y - half) + half;
  }
  const double step = window / static_cast<double>(size);
  const auto samples = static_cast<Index>(copied ? 1 : std::ceil(step - 1e-9));  // along a side of each pixel
  const double c = std::cos(degrees * (std::numbers::pi / 180));
  const double s = std::sin(degrees * (std::numbers::pi / 180));
  const detail::ImageSizes sizes = detail::image_sizes("crop_around", frame.shape());
  const auto fill = static_cast<float>(options.outside.fill);
  auto out = Tensor<std::uint8_t>::uninitialized({size, size});
  const auto along = [&](Index pixel, Index sample) {
    const double at = static_cast<double>(pixel) + (static_cast<double>(sample) + 0.5) / static_cast<double>(samples);
    return at * step - window / 2;
  };
  for (Index i = 0; i < out.size(); ++i) {
    float sum = 0;
    for (Index k = 0; k < samples * samples; ++k) {
      const double right = along(i % size, k % samples);
      const double down = along(i / size, k / samples);
      const double at_x = detail::inside(x + c * right - s * down, sizes.width, options.outside.padding_mode);
      const double at_y = detail::inside(y + s * right + c * down, sizes.height, options.outside.padding_mode);
      sum += detail::sample(frame.data(), sizes, at_x, at_y, fill);
    }
    out[i] = detail::to_pixel<std::uint8_t>(sum / static_cast<float>(samples * samples));
  }
  return out;
}

}  // namespace engram::data
