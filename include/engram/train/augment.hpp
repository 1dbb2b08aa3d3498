#pragma once

#include <concepts>
#include <utility>

#include <engram/autograd/variable.hpp>
#include <engram/core/error.hpp>
#include <engram/core/random.hpp>
#include <engram/data/augment.hpp>
#include <engram/train/dataset.hpp>

namespace engram::train {

/// Augmentation for autoencoders. Inputs and targets are moved and lit alike; noise and cut-out are put on the inputs
/// only, so that the network learns to remove them.
///
/// @returns a function (Batch<T>, Rng) -> Batch<T> for any T, for FitOptions::augment. It wants inputs and targets
/// [N, C, H, W] of the same N, H and W (ShapeError); if they are the same Variable the work is done once.
/// @throws ArgumentError naming an option that has an impossible value
inline auto augment_reconstruction(const data::AugmentOptions& options) {
  data::check_options(options);
  return [options]<std::floating_point T>(Batch<T> batch, Rng rng) {
    const Shape& in = batch.inputs.shape();
    const Shape& out = batch.targets.shape();
    ensure<ShapeError>(
        in.rank() == 4 && out.rank() == 4 && in[0] == out[0] && in[2] == out[2] && in[3] == out[3],
        "augment_reconstruction: need inputs and targets [N, C, H, W] of the same N, H and W, got inputs ", in,
        " and targets ", out);
    const data::AugmentOptions scene = data::scene_of(options);
    const bool same = batch.inputs.node() == batch.targets.node();
    const Variable<T> targets(data::augment(batch.targets.value(), scene, rng));
    const Variable<T> clean = same ? targets : Variable<T>(data::augment(batch.inputs.value(), scene, rng));
    if (options.noise == 0 && options.cut_out == 0) {
      return Batch<T>{clean, targets};
    }
    return Batch<T>{Variable<T>(data::augment(clean.value(), data::damage_of(options), rng)), targets};
  };
}

/// Augmentation for taggers: the targets [N, L] move with the images as `roles` says. Without roles, targets of any
/// shape, such as classes [N], stay as they are.
///
/// @returns a function (Batch<T>, Rng) -> Batch<T> for any T, for FitOptions::augment. It throws what data::augment
/// does for shapes and columns that do not fit.
/// @throws ArgumentError naming an option that has an impossible value
inline auto augment_labelled(const data::AugmentOptions& options, data::LabelRoles roles = {}) {
  data::check_options(options);
  return [options, roles = std::move(roles)]<std::floating_point T>(Batch<T> batch, Rng rng) {
    if (roles.angles.empty() && roles.vectors.empty() && roles.points.empty()) {
      return Batch<T>{Variable<T>(data::augment(batch.inputs.value(), options, rng)), batch.targets};
    }
    auto augmented = data::augment(batch.inputs.value(), batch.targets.value(), roles, options, rng);
    return Batch<T>{Variable<T>(std::move(augmented.images)), Variable<T>(std::move(augmented.targets))};
  };
}

}  // namespace engram::train
