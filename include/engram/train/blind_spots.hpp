#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <span>
#include <utility>

#include <engram/autograd/variable.hpp>
#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/data/blind_spots.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/concat.hpp>
#include <engram/ops/loss.hpp>
#include <engram/ops/slice.hpp>
#include <engram/train/dataset.hpp>

namespace engram::train {

namespace detail {

/// Images [N, C, H, W] with blind spots; targets [N, 2 C, H, W] are the images and, after them, where the spots are.
template <class T, class RngOf>
Batch<T> with_blind_spots(const Variable<T>& images, const data::BlindSpotOptions& options, RngOf rng_of) {
  data::HiddenPixels<T> hidden = data::hide_pixels(images.value(), options, rng_of);
  const NoGrad no_grad;
  return {Variable<T>(std::move(hidden.images)), concat({images, Variable<T>(std::move(hidden.spots))}, 1)};
}

}  // namespace detail

/// Training on noisy images alone: puts blind spots into a batch of reconstruction(), new ones each time. For
/// FitOptions::augment; the loss is blind_spot_loss, and validation is over blind_spot_validation().
///
///     train::fit(net, adam, train::reconstruction<float>(frames, split.training),
///                {.loss = train::blind_spot_loss<float>,
///                 .augment = train::blind_spots<float>(),
///                 .validation = train::blind_spot_validation(train::reconstruction<float>(frames, split.held_out))},
///                state);
///
/// @returns a function (Batch<T>, Rng) -> Batch<T>; it throws ShapeError unless inputs are [N, C, H, W]
/// @throws ArgumentError for options out of range
template <std::floating_point T>
auto blind_spots(const data::BlindSpotOptions& options = {}) {
  data::detail::check_blind_spots(options);
  return [options](const Batch<T>& batch, const Rng& rng) {
    return detail::with_blind_spots(batch.inputs, options,
                                    [&](Index i) { return rng.split(static_cast<std::uint64_t>(i)); });
  };
}

/// A held-out set with the same blind spots each time, of which each example's depend on its number and `seed` alone:
/// without a clean truth, the loss there tells how well the network denoises, but for the noise's own variance.
/// @throws ArgumentError for options out of range
template <std::floating_point T>
Dataset<T> blind_spot_validation(Dataset<T> images, const data::BlindSpotOptions& options = {},
                                 std::uint64_t seed = 0) {
  data::detail::check_blind_spots(options);
  const Index size = images.size;
  return {size, [images = std::move(images), options, rng = Rng(seed)](std::span<const Index> positions) {
            return detail::with_blind_spots(images.batch(positions).inputs, options, [&](Index i) {
              return rng.split(static_cast<std::uint64_t>(positions[static_cast<std::size_t>(i)]));
            });
          }};
}

/// The mean squared error in the blind spots. For FitOptions::loss.
/// @param output   [N, C, H, W]
/// @param targets  [N, 2 C, H, W], as blind_spots() and blind_spot_validation() make them
/// @throws ShapeError for other shapes; ArgumentError if there is no blind spot
template <std::floating_point T>
Variable<T> blind_spot_loss(const Variable<T>& output, const Variable<T>& targets) {
  const Shape& s = output.shape();
  ensure<ShapeError>(s.rank() == 4 && targets.shape() == Shape({s[0], 2 * s[1], s[2], s[3]}),
                     "blind_spot_loss: need output [N, C, H, W] and targets [N, 2 C, H, W], got ", s, " and ",
                     targets.shape());
  const Variable<T> images = slice(targets, 1, {0, s[1]});
  const Variable<T> mask = slice(targets, 1, {s[1], 2 * s[1]});
  const auto spots = static_cast<double>(std::ranges::count(mask.value().elements(), T{1}));
  ensure<ArgumentError>(spots > 0, "blind_spot_loss: need a blind spot, got none in targets ", targets.shape());
  return mse_loss(output * mask, images * mask) * static_cast<T>(static_cast<double>(output.value().size()) / spots);
}

}  // namespace engram::train
