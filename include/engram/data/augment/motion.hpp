#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <numbers>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/augment/images.hpp>

namespace engram::data {

/// What is taken for pixels outside an image whose row is a b c d.
enum class PaddingMode {
  edge,      ///< a a | a b c d | d d
  reflect,   ///< c b | a b c d | c b
  constant,  ///< one value
};

struct Outside {
  PaddingMode padding_mode = PaddingMode::edge;
  double fill = 0;  ///< the value of PaddingMode::constant
};

/// A linear map of the plane: (x, y) to (xx x + xy y, yx x + yy y).
struct Linear2 {
  double xx = 1, xy = 0;
  double yx = 0, yy = 1;
};

/// How an image is moved within its frame: flips, then turns about its centre ((W-1)/2, (H-1)/2), then a shift.
/// x grows to the right and y downwards, turns are clockwise on screen.
struct Motion {
  bool flip_horizontal = false;  ///< left becomes right
  bool flip_vertical = false;    ///< top becomes bottom
  Index quarter_turns = 0;       ///< of 90 degrees
  double degrees = 0;            ///< beyond the quarter turns
  double shift_x = 0;            ///< pixels to the right
  double shift_y = 0;            ///< pixels down

  bool operator==(const Motion&) const = default;

  /// What directions are multiplied by: an orthogonal matrix, of entries 0 and +-1 for whole quarter turns.
  Linear2 linear() const {
    const double turn = std::remainder(degrees, 360);
    const auto quarters = std::lround(turn / 90);
    const double rest = (turn - 90 * static_cast<double>(quarters)) * (std::numbers::pi / 180);
    double c = std::cos(rest);
    double s = std::sin(rest);
    for (Index i = ((quarter_turns % 4 + quarters) % 4 + 4) % 4; i > 0; --i) {
      const double before = c;
      c = -s;
      s = before;
    }
    const double x = flip_horizontal ? -1 : 1;
    const double y = flip_vertical ? -1 : 1;
    return {.xx = c * x, .xy = -s * y, .yx = s * x, .yy = c * y};
  }
};

namespace detail {

/// Where along an axis of `size` pixels a coordinate reads; outside the image only for PaddingMode::constant, and
/// then by one pixel at most.
inline double inside(double at, Index size, PaddingMode mode) {
  const auto last = static_cast<double>(size - 1);
  if (mode == PaddingMode::constant) {
    return std::clamp(at, -1.0, last + 1);
  }
  if (mode == PaddingMode::edge || size == 1) {
    return std::clamp(at, 0.0, last);
  }
  const double folded = std::fmod(std::min(std::abs(at), 1e15), 2 * last);
  return std::min(folded, 2 * last - folded);
}

/// The value of a plane between its pixels, bilinear; at a pixel it is exactly that pixel's.
template <class Pixel, std::floating_point T>
T sample(const Pixel* plane, const ImageSizes& sizes, double x, double y, T fill) {
  const auto left = static_cast<Index>(std::floor(x));
  const auto top = static_cast<Index>(std::floor(y));
  const auto right_share = static_cast<T>(x - static_cast<double>(left));
  const auto bottom_share = static_cast<T>(y - static_cast<double>(top));
  const auto pixel = [&](Index column, Index row) {
    const bool exists = column >= 0 && column < sizes.width && row >= 0 && row < sizes.height;
    return exists ? static_cast<T>(plane[row * sizes.width + column]) : fill;
  };
  const auto between = [&](Index row) {
    const T value = pixel(left, row);
    return right_share == 0 ? value : value + right_share * (pixel(left + 1, row) - value);
  };
  const T value = between(top);
  return bottom_share == 0 ? value : value + bottom_share * (between(top + 1) - value);
}

/// Overwrites `to`, one image, with `from` moved.
template <std::floating_point T>
void move_image(const T* from, T* to, const ImageSizes& sizes, const Motion& motion, const Outside& outside) {
  if (motion == Motion{} || sizes.plane() == 0) {
    std::copy_n(from, sizes.image(), to);
    return;
  }
  const Linear2 m = motion.linear();
  const double centre_x = static_cast<double>(sizes.width - 1) / 2;
  const double centre_y = static_cast<double>(sizes.height - 1) / 2;
  const T fill = static_cast<T>(outside.fill);
  for (Index row = 0; row < sizes.height; ++row) {
    for (Index column = 0; column < sizes.width; ++column) {
      const double dx = static_cast<double>(column) - centre_x - motion.shift_x;
      const double dy = static_cast<double>(row) - centre_y - motion.shift_y;
      const double x = inside(centre_x + m.xx * dx + m.yx * dy, sizes.width, outside.padding_mode);
      const double y = inside(centre_y + m.xy * dx + m.yy * dy, sizes.height, outside.padding_mode);
      for (Index channel = 0; channel < sizes.channels; ++channel) {
        const Index plane = channel * sizes.plane();
        to[plane + row * sizes.width + column] = sample(from + plane, sizes, x, y, fill);
      }
    }
  }
}

}  // namespace detail

/// Moves images within their frame, all alike, in one bilinear resampling: pixels are interpolated once. Flips,
/// quarter turns and shifts by whole pixels copy pixels exactly.
/// @param images   [H, W], [C, H, W] or [N, C, H, W]
/// @returns        the same shape
/// @throws ShapeError for another rank, ArgumentError unless degrees, shift and fill are finite
template <std::floating_point T>
Tensor<T> move_images(const Tensor<T>& images, const Motion& motion, const Outside& outside = {}) {
  const detail::ImageSizes sizes = detail::image_sizes("move_images", images.shape());
  for (const double number : {motion.degrees, motion.shift_x, motion.shift_y, outside.fill}) {
    ensure<ArgumentError>(std::isfinite(number), "move_images: need finite degrees, shift and fill, got ", number);
  }
  auto out = Tensor<T>::uninitialized(images.shape());
  detail::for_each_image(sizes, [&](Index image) {
    const Index at = image * sizes.image();
    detail::move_image(images.data() + at, out.data() + at, sizes, motion, outside);
  });
  return out;
}

}  // namespace engram::data
