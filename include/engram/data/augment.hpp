#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <span>
#include <utility>

#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/augment/geometry.hpp>
#include <engram/data/augment/images.hpp>
#include <engram/data/augment/labels.hpp>
#include <engram/data/augment/motion.hpp>
#include <engram/data/augment/options.hpp>
#include <engram/data/augment/pixels.hpp>

namespace engram::data {

namespace detail {

/// Overwrites `to`, one image, with `from` augmented.
template <std::floating_point T>
void apply_to_image(const T* from, T* to, const ImageSizes& sizes, const Drawn& drawn) {
  move_image(from, to, sizes, drawn.motion, drawn.outside);
  const std::span<T> image(to, static_cast<std::size_t>(sizes.image()));
  if (drawn.contrast != 1) {
    scale_contrast(image, drawn.contrast);
  }
  if (drawn.brightness != 0) {
    brighten(image, drawn.brightness);
  }
  if (drawn.noise != 0) {
    disturb(image, drawn.noise, Rng(drawn.noise_state));
  }
  if (drawn.cut_out > 0) {
    cut(image, sizes, static_cast<Index>(drawn.cut_out_x * static_cast<double>(sizes.width)),
        static_cast<Index>(drawn.cut_out_y * static_cast<double>(sizes.height)), drawn.cut_out, drawn.cut_out_fill);
  }
}

/// @throws ArgumentError for impossible options, ShapeError unless they can be applied to images of that shape
inline ImageSizes check_augment(const Shape& images, const AugmentOptions& options) {
  check_options(options);
  ensure<ShapeError>(images.rank() == 4, "augment: need images [N, C, H, W], got ", images);
  ensure<ShapeError>(!options.quarter_turns || images[2] == images[3],
                     "augment: need square images for quarter_turns, got ", images);
  return image_sizes("augment", images);
}

}  // namespace detail

/// Applies what was drawn to one image.
/// @param image  [H, W] or [C, H, W]
/// @returns      the same shape; nothing is clipped
/// @throws ShapeError for another rank, or if an odd number of quarter turns was drawn for an image that is not square
template <std::floating_point T>
Tensor<T> apply(const Tensor<T>& image, const Drawn& drawn) {
  ensure<ShapeError>(image.rank() == 2 || image.rank() == 3, "apply: need an image [H, W] or [C, H, W], got ",
                     image.shape());
  ensure<ShapeError>(drawn.motion.quarter_turns % 2 == 0 || image.dim(-2) == image.dim(-1),
                     "apply: need a square image for quarter turns, got ", image.shape());
  auto out = Tensor<T>::uninitialized(image.shape());
  detail::apply_to_image(image.data(), out.data(), detail::image_sizes("apply", image.shape()), drawn);
  return out;
}

/// Varies each image of a batch at random, in parallel.
/// @param images  [N, C, H, W], values about 0..1
/// @param rng     image i is drawn from rng.split(i): the same seed gives the same bits on any number of threads
/// @returns       the same shape; nothing is clipped
/// @throws ShapeError for another rank, or for quarter turns of images that are not square; ArgumentError naming an
/// option that has an impossible value
template <std::floating_point T>
Tensor<T> augment(const Tensor<T>& images, const AugmentOptions& options, const Rng& rng) {
  const detail::ImageSizes sizes = detail::check_augment(images.shape(), options);
  auto out = Tensor<T>::uninitialized(images.shape());
  detail::for_each_image(sizes, [&](Index i) {
    const Index at = i * sizes.image();
    detail::apply_to_image(images.data() + at, out.data() + at, sizes,
                           draw(options, rng.split(static_cast<std::uint64_t>(i))));
  });
  return out;
}

/// Images and the labels that moved with them.
template <std::floating_point T, std::floating_point U = T>
struct Augmented {
  Tensor<T> images;   ///< [N, C, H, W]
  Tensor<U> targets;  ///< [N, L]
};

/// Varies each image of a batch at random, and its row of targets with it.
/// @param images   [N, C, H, W], values about 0..1
/// @param targets  [N, L]
/// @param roles    which columns of the targets move with the image, and how
/// @param rng      as above: the images are those that augment makes without targets
/// @throws ShapeError, ArgumentError as above; ShapeError unless there is one row of targets per image, ArgumentError
/// for a column that there is not, or that has two roles
template <std::floating_point T, std::floating_point U>
Augmented<T, U> augment(const Tensor<T>& images, const Tensor<U>& targets, const LabelRoles& roles,
                        const AugmentOptions& options, const Rng& rng) {
  const detail::ImageSizes sizes = detail::check_augment(images.shape(), options);
  ensure<ShapeError>(targets.rank() == 2 && targets.dim(0) == sizes.images, "augment: need targets [N, L] for images ",
                     images.shape(), ", got targets ", targets.shape());
  check_roles(roles, targets.dim(1));
  Augmented<T, U> out{Tensor<T>::uninitialized(images.shape()), targets};
  detail::for_each_image(sizes, [&](Index i) {
    const Drawn drawn = draw(options, rng.split(static_cast<std::uint64_t>(i)));
    const Index at = i * sizes.image();
    detail::apply_to_image(images.data() + at, out.images.data() + at, sizes, drawn);
    detail::move_row(out.targets.data() + i * targets.dim(1), roles, drawn.motion, sizes.height, sizes.width);
  });
  return out;
}

}  // namespace engram::data
