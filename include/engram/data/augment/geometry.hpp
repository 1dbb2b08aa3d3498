#pragma once

#include <cmath>
#include <concepts>
#include <span>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/data/augment/images.hpp>
#include <engram/data/augment/motion.hpp>

namespace engram::data {

/// Shifts images by (dx, dy) pixels, to the right and down; parts of pixels are interpolated (bilinear).
/// @param images  [H, W], [C, H, W] or [N, C, H, W]
/// @throws ShapeError for another rank, ArgumentError unless dx and dy are finite
template <std::floating_point T>
Tensor<T> shift(const Tensor<T>& images, double dx, double dy, const Outside& outside = {}) {
  detail::image_sizes("shift", images.shape());
  ensure<ArgumentError>(std::isfinite(dx) && std::isfinite(dy), "shift: need finite pixels, got ", dx, " and ", dy);
  return move_images(images, {.shift_x = dx, .shift_y = dy}, outside);
}

/// Turns images about their centre, clockwise on screen, as angle labels grow (as torchvision's affine and unlike its
/// rotate); bilinear, exact for multiples of 90. The shape stays, so that corners can be lost.
/// @param images  [H, W], [C, H, W] or [N, C, H, W]
/// @throws ShapeError for another rank, ArgumentError unless `degrees` is finite
template <std::floating_point T>
Tensor<T> rotate(const Tensor<T>& images, double degrees, const Outside& outside = {}) {
  detail::image_sizes("rotate", images.shape());
  ensure<ArgumentError>(std::isfinite(degrees), "rotate: need finite degrees, got ", degrees);
  return move_images(images, {.degrees = degrees}, outside);
}

/// Swaps left and right.
/// @param images  [H, W], [C, H, W] or [N, C, H, W]
/// @throws ShapeError for another rank
template <std::floating_point T>
Tensor<T> flip_horizontal(const Tensor<T>& images) {
  detail::image_sizes("flip_horizontal", images.shape());
  return move_images(images, {.flip_horizontal = true});
}

/// Swaps top and bottom.
/// @param images  [H, W], [C, H, W] or [N, C, H, W]
/// @throws ShapeError for another rank
template <std::floating_point T>
Tensor<T> flip_vertical(const Tensor<T>& images) {
  detail::image_sizes("flip_vertical", images.shape());
  return move_images(images, {.flip_vertical = true});
}

/// Turns images by whole quarters of a circle, clockwise on screen (numpy's rot90 turns the other way). No pixel is
/// lost: height and width change places for an odd number.
/// @param images  [H, W], [C, H, W] or [N, C, H, W]
/// @param turns   any whole number; negative ones turn counterclockwise
/// @throws ShapeError for another rank
template <std::floating_point T>
Tensor<T> quarter_turns(const Tensor<T>& images, Index turns) {
  const detail::ImageSizes sizes = detail::image_sizes("quarter_turns", images.shape());
  if (turns % 2 == 0) {
    return move_images(images, {.quarter_turns = turns});
  }
  const Index sense = (turns % 4 + 4) % 4;  // 1: clockwise, 3: counterclockwise
  std::vector<Index> extents(images.shape().begin(), images.shape().end());
  std::swap(extents[extents.size() - 1], extents[extents.size() - 2]);
  auto out = Tensor<T>::uninitialized(Shape(std::span<const Index>(extents)));
  detail::for_each_image(sizes, [&](Index image) {
    for (Index plane = image * sizes.channels; plane < (image + 1) * sizes.channels; ++plane) {
      const T* from = images.data() + plane * sizes.plane();
      T* to = out.data() + plane * sizes.plane();
      for (Index y = 0; y < sizes.height; ++y) {
        for (Index x = 0; x < sizes.width; ++x) {
          const Index row = sense == 1 ? x : sizes.width - 1 - x;
          const Index column = sense == 1 ? sizes.height - 1 - y : y;
          to[row * sizes.height + column] = from[y * sizes.width + x];
        }
      }
    }
  });
  return out;
}

}  // namespace engram::data
