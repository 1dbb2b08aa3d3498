#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include <engram/autograd/variable.hpp>
#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/random.hpp>
#include <engram/core/tensor.hpp>
#include <engram/train/dataset.hpp>

namespace engram::train {

namespace detail {

inline void check_crops(Index size) {
  ensure<ArgumentError>(size >= 1, "crops: need a size >= 1, got ", size);
}

/// A part of each image [N, C, H, W], where rng_of(i) says.
template <class T, class RngOf>
Variable<T> cropped(const Variable<T>& images, Index size, RngOf rng_of) {
  const Shape& s = images.shape();
  const Index height = std::min(size, s[2]);
  const Index width = std::min(size, s[3]);
  auto out = Tensor<T>::uninitialized({s[0], s[1], height, width});
  parallel_for(s[0], [&](Index i) {
    Rng rng = rng_of(i);
    const Index top = rng.below(s[2] - height + 1);
    const Index left = rng.below(s[3] - width + 1);
    for (Index row = 0; row < s[1] * height; ++row) {
      const Index from = (i * s[1] + row / height) * s[2] + top + row % height;
      std::copy_n(images.value().data() + from * s[3] + left, width, out.data() + (i * s[1] * height + row) * width);
    }
  });
  return Variable<T>(std::move(out));
}

/// The same part of inputs and targets.
template <class T, class RngOf>
Batch<T> cropped(const Batch<T>& batch, Index size, RngOf rng_of) {
  const Shape& in = batch.inputs.shape();
  const Shape& out = batch.targets.shape();
  ensure<ShapeError>(in.rank() == 4 && out.rank() == 4 && in[0] == out[0] && in[2] == out[2] && in[3] == out[3],
                     "crops: need inputs and targets [N, C, H, W] of the same N, H and W, got inputs ", in,
                     " and targets ", out);
  const Variable<T> inputs = cropped(batch.inputs, size, rng_of);
  const bool same = batch.inputs.node() == batch.targets.node();
  return {inputs, same ? inputs : cropped(batch.targets, size, rng_of)};
}

}  // namespace detail

/// Training on parts of large images: of each image of a batch and its target one at a random place, a new one each
/// time. For FitOptions::augment of networks that take images of any size.
/// @param size  pixels a side; a side of the images that is no longer is kept whole
/// @returns     a function (Batch<T>, Rng) -> Batch<T> for any T; it throws ShapeError unless inputs and targets are
/// [N, C, H, W] of the same N, H and W
/// @throws ArgumentError for a size below 1
inline auto random_crops(Index size) {
  detail::check_crops(size);
  return [size]<std::floating_point T>(const Batch<T>& batch, const Rng& rng) {
    return detail::cropped(batch, size, [&](Index i) { return rng.split(static_cast<std::uint64_t>(i)); });
  };
}

/// A set of parts of large images, one of each, at a place that depends on the image's number and `seed` alone: to
/// validate on.
/// @throws as random_crops()
template <std::floating_point T>
Dataset<T> crops(Dataset<T> images, Index size, std::uint64_t seed = 0) {
  detail::check_crops(size);
  const Index count = images.size;
  return {count, [images = std::move(images), size, rng = Rng(seed)](std::span<const Index> positions) {
            return detail::cropped(images.batch(positions), size, [&](Index i) {
              return rng.split(static_cast<std::uint64_t>(positions[static_cast<std::size_t>(i)]));
            });
          }};
}

}  // namespace engram::train
