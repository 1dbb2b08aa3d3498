#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/data/batches.hpp>
#include <engram/nn/module.hpp>
#include <engram/optim/optimizer.hpp>
#include <engram/train/batch_gradients.hpp>
#include <engram/train/fit_checks.hpp>
#include <engram/train/fit_options.hpp>

namespace engram::train {

/// Which rates are tried, and when it is enough.
struct LearningRateSweep {
  double min_lr = 1e-7;
  double max_lr = 10;
  Index steps = 100;       ///< rates, evenly spaced on a logarithmic axis
  double smoothing = 0.9;  ///< weight of what has been in the running mean of the losses; 0: none
  double stop_factor = 4;  ///< ends when the smoothed loss is this many times the smallest
  std::uint64_t seed = 0;  ///< decides the batches
};

/// What a sweep has found; all vectors have one entry per rate tried.
struct LearningRateCurve {
  std::vector<double> rates;
  std::vector<double> losses;    ///< of the batch, before the step at this rate
  std::vector<double> smoothed;  ///< running means of the losses, corrected for their start
  double suggestion;             ///< where `smoothed` is half-way down to its smallest value; NaN if it never falls
};

namespace detail {

/// The last rate before the smoothed loss has done half of its fall to the smallest one: near the steepest fall, but
/// not moved by the noise of the losses at low rates.
inline double half_way_down(const LearningRateCurve& curve) {
  const auto lowest = std::ranges::min_element(curve.smoothed);
  const std::span before(curve.smoothed.begin(), lowest);
  if (before.empty()) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const double half = (std::ranges::max(before) + *lowest) / 2;
  const auto above = std::find_if(before.rbegin(), before.rend(), [half](double loss) { return loss >= half; });
  return curve.rates[static_cast<std::size_t>(before.rend() - above) - 1];
}

inline void check_sweep(const LearningRateSweep& s) {
  ensure<ArgumentError>(s.min_lr > 0 && s.max_lr > s.min_lr && s.steps >= 2,
                        "find_learning_rate: need 0 < min_lr < max_lr and steps >= 2, got ", s.min_lr, ", ", s.max_lr,
                        " and ", s.steps);
  ensure<ArgumentError>(s.smoothing >= 0 && s.smoothing < 1 && s.stop_factor > 1,
                        "find_learning_rate: need 0 <= smoothing < 1 and stop_factor > 1, got ", s.smoothing, " and ",
                        s.stop_factor);
}

}  // namespace detail

/// The learning-rate range test: trains a copy of the model for a few steps, each at a higher rate than the one before,
/// until the loss explodes. A good rate is where the loss falls: `suggestion`, for a constant rate or the peak of a
/// one-cycle schedule. Nothing of the caller's is changed.
/// @param make_optimizer  from a std::vector<Variable<T>> to an optimiser, such as
///                        `[](auto parameters) { return optim::Adam<float>(std::move(parameters)); }`
/// @param options         those of the training to come: loss, batches, augmentation and clipping are used
/// @returns               at least two rates; a loss that is not finite ends the sweep and is left out
/// @throws ArgumentError for options that cannot be followed; Error if the first two losses are not finite
/// Sources: Smith, "Cyclical learning rates for training neural networks", 2017, section 3.3; smoothing and end
/// as in PyTorch Lightning (which smooths by 0.98 and suggests the rate of the steepest fall).
template <std::floating_point T, nn::Module<T> Model, class MakeOptimizer>
LearningRateCurve find_learning_rate(const Model& model, MakeOptimizer make_optimizer, const Dataset<T>& training,
                                     const FitOptions<T>& options, const LearningRateSweep& sweep = {}) {
  detail::check_sweep(sweep);
  TrainingState state;
  state.rng = Rng(sweep.seed).state();
  detail::check_fit(training, options, state);
  Model copy = model;
  optim::Optimizer<T> auto optimizer = make_optimizer(nn::variables(copy));
  LearningRateCurve curve;
  double mean = 0;
  double best = std::numeric_limits<double>::infinity();
  const Index batches = data::Batches::count(training.size, options.batch_size);
  for (; state.step < sweep.steps; ++state.step) {
    state.epoch = state.step / batches;
    state.batch = state.step % batches;
    const data::Batches order(training.size, options.batch_size,
                              Rng(state.rng).split(static_cast<std::uint64_t>(state.epoch)));
    const auto batch = detail::batch_gradients(copy, training, order[state.batch], options, state);
    if (!std::isfinite(batch.loss)) {
      break;
    }
    const double share = static_cast<double>(state.step) / static_cast<double>(sweep.steps - 1);
    curve.rates.push_back(sweep.min_lr * std::pow(sweep.max_lr / sweep.min_lr, share));
    curve.losses.push_back(batch.loss);
    mean = sweep.smoothing * mean + (1 - sweep.smoothing) * batch.loss;
    const double smoothed = mean / (1 - std::pow(sweep.smoothing, static_cast<double>(curve.losses.size())));
    curve.smoothed.push_back(smoothed);
    if (state.step > 0 && smoothed > sweep.stop_factor * best) {
      break;
    }
    best = std::min(best, smoothed);
    optimizer.set_lr(curve.rates.back());
    optimizer.step(batch.gradients);
  }
  ensure<Error>(curve.rates.size() >= 2, "find_learning_rate: need two finite losses, got ", curve.rates.size(),
                "; a lower min_lr may help");
  curve.suggestion = detail::half_way_down(curve);
  return curve;
}

}  // namespace engram::train
