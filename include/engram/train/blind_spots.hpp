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
#include <engram/ops/elementary.hpp>
#include <engram/ops/reduce.hpp>
#include <engram/ops/slice.hpp>
#include <engram/train/dataset.hpp>

namespace engram::train {

namespace detail {

/// Images [N, C, H, W] with blind spots; targets [N, 2 C, H, W] are the images and, after them, where the spots are.
template <class T, class RngOf>
Batch<T> with_blind_spots(const Variable<T>& images, const data::BlindSpotOptions& options, RngOf rng_of) {
  data::HiddenPixels<T> hidden = data::hide_random_pixels(images.value(), options, rng_of);
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
/// without a clean truth, the loss there tells which of two networks foresees the pixels better, their noise and the
/// doubt about them included.
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

/// What is left to learn of means m and variances v that are told for the pixels y in blind spots:
///
///     mean over the spots of ((y - m)^2 / mean v + log v + (y - m)^2 / v) / 2
///
/// whose first term's gradient goes to the means alone and the others' to the variances alone. (The likelihood itself,
/// the last two terms to both, would soon neglect the places that are hard to foresee.) For FitOptions::loss; free of
/// the images' unit but for a constant, and the less the better.
/// @param output   [N, 2 C, H, W]: means and, after them, variances > 0, as BlindSpotUnet makes them
/// @param targets  [N, 2 C, H, W], as blind_spots() and blind_spot_validation() make them
/// @throws ShapeError for other shapes; ArgumentError if there is no blind spot
/// Sources: Laine, Karras, Lehtinen, Aila, "High-quality self-supervised deep image denoising", NeurIPS 2019; Seitzer,
/// Tavakoli, Antic, Martius, "On the pitfalls of heteroscedastic uncertainty estimation", ICLR 2022.
template <std::floating_point T>
Variable<T> blind_spot_loss(const Variable<T>& output, const Variable<T>& targets) {
  const Shape& s = output.shape();
  ensure<ShapeError>(s.rank() == 4 && s[1] % 2 == 0 && targets.shape() == s,
                     "blind_spot_loss: need output and targets [N, 2 C, H, W], got ", s, " and ", targets.shape());
  const Index channels = s[1] / 2;
  const auto first = [&](const Variable<T>& x) { return slice(x, 1, {0, channels}); };
  const auto second = [&](const Variable<T>& x) { return slice(x, 1, {channels, 2 * channels}); };
  const Variable<T> mask = second(targets);
  const auto spots = static_cast<double>(std::ranges::count(mask.value().elements(), T{1}));
  ensure<ArgumentError>(spots > 0, "blind_spot_loss: need a blind spot, got none in targets ", targets.shape());
  const Variable<T> variances = second(output);
  const auto mean_variance = static_cast<T>(static_cast<double>(sum(variances * mask).value().item()) / spots);
  const Variable<T> missed = square(first(targets) - first(output));
  const Variable<T> missed_as_number(missed.value());
  return sum((missed / mean_variance + log(variances) + missed_as_number / variances) * mask) *
         static_cast<T>(0.5 / spots);
}

}  // namespace engram::train
