#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <numeric>
#include <span>

#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/augment/images.hpp>

namespace engram::data {

namespace detail {

/// The elements of one image.
template <std::floating_point T>
std::span<T> image_of(Tensor<T>& images, const ImageSizes& sizes, Index image) {
  return images.elements().subspan(static_cast<std::size_t>(image * sizes.image()),
                                   static_cast<std::size_t>(sizes.image()));
}

template <std::floating_point T>
void brighten(std::span<T> image, double amount) {
  for (T& pixel : image) {
    pixel += static_cast<T>(amount);
  }
}

template <std::floating_point T>
void scale_contrast(std::span<T> image, double factor) {
  const double mean = std::accumulate(image.begin(), image.end(), 0.0) / static_cast<double>(image.size());
  for (T& pixel : image) {
    pixel = static_cast<T>(mean + factor * (static_cast<double>(pixel) - mean));
  }
}

template <std::floating_point T>
void disturb(std::span<T> image, double deviation, Rng rng) {
  for (T& pixel : image) {
    pixel = static_cast<T>(static_cast<double>(pixel) + deviation * rng.normal());
  }
}

/// The part of a square's edge that lies within an axis of `extent` pixels: [begin, end).
struct Interval {
  Index begin;
  Index end;
};
inline Interval covered(Index centre, Index size, Index extent) {
  // In floating point: neither the centre nor the size is bounded.
  const double begin = static_cast<double>(centre) - static_cast<double>(size / 2);
  const auto clipped = [extent](double at) {
    return static_cast<Index>(std::clamp(at, 0.0, static_cast<double>(extent)));
  };
  return {clipped(begin), clipped(begin + static_cast<double>(size))};
}

template <std::floating_point T>
void cut(std::span<T> image, const ImageSizes& sizes, Index x, Index y, Index size, double fill) {
  const Interval columns = covered(x, size, sizes.width);
  const Interval rows = covered(y, size, sizes.height);
  for (Index channel = 0; channel < sizes.channels; ++channel) {
    for (Index row = rows.begin; row < rows.end; ++row) {
      T* line = image.data() + channel * sizes.plane() + row * sizes.width;
      std::fill(line + columns.begin, line + columns.end, static_cast<T>(fill));
    }
  }
}

}  // namespace detail

/// Adds `amount` to each pixel (torchvision multiplies). Nothing is clipped.
/// @param images  [H, W], [C, H, W] or [N, C, H, W]
/// @throws ShapeError for another rank, ArgumentError unless `amount` is finite
template <std::floating_point T>
Tensor<T> adjust_brightness(Tensor<T> images, double amount) {
  detail::image_sizes("adjust_brightness", images.shape());
  ensure<ArgumentError>(std::isfinite(amount), "adjust_brightness: need a finite amount, got ", amount);
  detail::brighten(images.elements(), amount);
  return images;
}

/// Scales the pixels' distance from the image's own mean (over all channels) by `factor`: 0 leaves a grey image, 1
/// changes nothing. Nothing is clipped.
/// @param images  [H, W], [C, H, W] or [N, C, H, W]
/// @throws ShapeError for another rank, ArgumentError unless factor >= 0 and finite
template <std::floating_point T>
Tensor<T> adjust_contrast(Tensor<T> images, double factor) {
  const detail::ImageSizes sizes = detail::image_sizes("adjust_contrast", images.shape());
  ensure<ArgumentError>(factor >= 0 && std::isfinite(factor), "adjust_contrast: need a factor >= 0 and finite, got ",
                        factor);
  detail::for_each_image(sizes,
                         [&](Index image) { detail::scale_contrast(detail::image_of(images, sizes, image), factor); });
  return images;
}

/// Adds white Gaussian noise. Nothing is clipped.
/// @param images     [H, W], [C, H, W] or [N, C, H, W]
/// @param deviation  standard deviation of the noise
/// @param rng        image i uses rng.split(i)
/// @throws ShapeError for another rank, ArgumentError unless deviation >= 0 and finite
template <std::floating_point T>
Tensor<T> add_noise(Tensor<T> images, double deviation, const Rng& rng) {
  const detail::ImageSizes sizes = detail::image_sizes("add_noise", images.shape());
  ensure<ArgumentError>(deviation >= 0 && std::isfinite(deviation), "add_noise: need a deviation >= 0 and finite, got ",
                        deviation);
  detail::for_each_image(sizes, [&](Index image) {
    detail::disturb(detail::image_of(images, sizes, image), deviation, rng.split(static_cast<std::uint64_t>(image)));
  });
  return images;
}

/// Sets a square of `size` pixels about pixel (x, y) to `fill`, in all channels: columns x - size / 2 to
/// x - size / 2 + size - 1, rows likewise. The centre may lie anywhere; what sticks out is left away.
/// @param images  [H, W], [C, H, W] or [N, C, H, W]
/// @throws ShapeError for another rank, ArgumentError unless size >= 0 and `fill` is finite
/// Source: DeVries, Taylor, "Improved regularization of convolutional neural networks with cutout", 2017.
template <std::floating_point T>
Tensor<T> cut_out(Tensor<T> images, Index x, Index y, Index size, double fill = 0) {
  const detail::ImageSizes sizes = detail::image_sizes("cut_out", images.shape());
  ensure<ArgumentError>(size >= 0, "cut_out: need a size >= 0, got ", size);
  ensure<ArgumentError>(std::isfinite(fill), "cut_out: need a finite fill, got ", fill);
  detail::for_each_image(
      sizes, [&](Index image) { detail::cut(detail::image_of(images, sizes, image), sizes, x, y, size, fill); });
  return images;
}

}  // namespace engram::data
