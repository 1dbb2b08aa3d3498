#pragma once

#include <chrono>
#include <cmath>
#include <concepts>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/random.hpp>
#include <engram/data/batches.hpp>
#include <engram/nn/module.hpp>
#include <engram/optim/optimizer.hpp>
#include <engram/train/batch_gradients.hpp>
#include <engram/train/evaluate.hpp>
#include <engram/train/fit_checks.hpp>
#include <engram/train/fit_options.hpp>

namespace engram::train {

namespace detail {

/// One step of the optimiser. @returns the batch's loss
template <class T, class Model, class Optimizer>
double train_batch(Model& model, Optimizer& optimizer, const Dataset<T>& training, std::span<const Index> items,
                   const FitOptions<T>& options, const TrainingState& state) {
  const BatchGradients<T> batch = batch_gradients(model, training, items, options, state);
  ensure<Error>(std::isfinite(batch.loss), "fit: need a finite loss, got ", batch.loss, " in epoch ", state.epoch + 1,
                ", batch ", state.batch + 1, "; the first that is not finite is ", batch.not_finite);
  optimizer.step(batch.gradients);
  return batch.loss;
}

/// What may be wrong with a validation loss that is not finite.
template <class T>
std::string explain_validation(const FitOptions<T>& options) {
  std::string bad;
  for_each_batch(options.validation, options, [&](const Batch<T>& batch, std::span<const Index> items) {
    bad = bad.empty() ? name_bad_example(batch, items, "validation") : bad;
  });
  return bad.empty() ? "a lower learning rate may help" : "the first that is not finite is " + bad;
}

/// Adds the epoch that has just ended to the history.
template <class T, class Model>
void close_epoch(const Model& model, const FitOptions<T>& options, double lr, TrainingState& state) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double images = static_cast<double>(state.images);
  const Index epoch = state.epoch + 1;
  const bool validate = epoch % options.validate_every == 0 || epoch == options.epochs;
  double validation_loss = nan;
  if (validate && options.validation.size > 0) {
    validation_loss = evaluate(model, options.validation, options);
    ensure<Error>(std::isfinite(validation_loss), "fit: need a finite validation loss, got ", validation_loss,
                  " after epoch ", epoch, "; ", explain_validation(options));
  }
  std::vector<double> row{static_cast<double>(epoch),
                          static_cast<double>(state.step),
                          lr,
                          state.loss_sum / images,
                          validation_loss,
                          state.seconds,
                          images / state.seconds};
  for (const Metric& metric : options.metrics) {
    row.push_back(validate ? metric.measure() : nan);
  }
  state.history.add(std::move(row));  // nothing throws from here on: a failed validation can be done again
  state.epoch = epoch;
  state.batch = 0;
  state.images = 0;
  state.loss_sum = 0;
  state.seconds = 0;
}

/// What schedules see as moment.metrics.
template <class T>
std::vector<double> monitored(const FitOptions<T>& options, const TrainingState& state) {
  if (!options.watch.empty()) {
    return state.history.measured(options.watch);
  }
  return state.history.measured(options.validation.size > 0 ? "validation_loss" : "train_loss");
}

/// Calls the member `which` of each callback that has it.
template <class Which, class... Arguments>
void notify(const std::vector<Callback>& callbacks, Which which, const Arguments&... arguments) {
  for (const Callback& callback : callbacks) {
    if (const auto& function = callback.*which) {
      function(arguments...);
    }
  }
}

/// Whether a stop is asked for; the callbacks then hear of it.
/// @throws Error as check_model does, before they save what the last step has spoilt
template <class T, class Model>
bool stopped(Model& model, const FitOptions<T>& options, const TrainingState& state) {
  const bool stop = options.stop && options.stop();
  if (stop) {
    check_model<T>(model, state);
    notify(options.callbacks, &Callback::stopped, state);
  }
  return stop;
}

}  // namespace detail

/// The training loop: for each epoch, each example once, in batches of a random order, one optimiser step per batch.
///
/// Goes on from `state`, so a state read from a checkpoint (with its model and optimiser) ends in the same bits as a
/// training that never stopped; a state belongs to one model, optimiser and training. The order of the batches is a
/// function of state.rng and the epoch. Schedules see as moment.metrics what was measured so far of options.watch: by
/// default the validation losses, or the epochs' training losses if there is no validation set.
/// @returns false if options.stop ended it before all epochs were done
/// @throws ArgumentError for options that cannot be followed; Error, naming epoch, batch and the first layer whose
/// output is not finite if the loss is not finite, or naming the parameter, or the validation loss, that is not finite
/// after an epoch
template <std::floating_point T, nn::Module<T> Model, optim::Optimizer<T> Optimizer>
bool fit(Model& model, Optimizer& optimizer, const Dataset<T>& training, const FitOptions<T>& options,
         TrainingState& state) {
  detail::check_fit(training, options, state);
  ensure<ArgumentError>(state.step == 0 || optimizer.steps() > 0, "fit: need the optimiser that this training of ",
                        state.step,
                        " steps has used, got one without a step: a new training needs a new TrainingState");
  if (state.step == 0) {
    detail::begin_training(training, options, optimizer.lr(), state);
  }
  using Clock = std::chrono::steady_clock;
  const auto seconds_since = [](Clock::time_point t) {
    return std::chrono::duration<double>(Clock::now() - t).count();
  };
  const Clock::time_point start = Clock::now();
  const Index first_step = state.step;
  const Index batches = data::Batches::count(training.size, options.batch_size);
  const Index steps = options.epochs * batches;
  while (state.epoch < options.epochs) {
    if (detail::stopped(model, options, state)) {
      return false;
    }
    const std::vector<double> metrics = detail::monitored(options, state);
    const data::Batches order(training.size, options.batch_size,
                              Rng(state.rng).split(static_cast<std::uint64_t>(state.epoch)));
    while (state.batch < batches) {
      const Clock::time_point batch_start = Clock::now();
      const auto items = order[state.batch];
      if (options.schedule) {
        optimizer.set_lr(options.schedule(
            state.base_lr, {.epoch = state.epoch, .step = state.step, .steps = steps, .metrics = metrics}));
      }
      const double loss = detail::train_batch(model, optimizer, training, items, options, state);
      ++state.batch;
      ++state.step;
      state.images += std::ssize(items);
      state.loss_sum += loss * static_cast<double>(items.size());
      state.seconds += seconds_since(batch_start);
      const double per_step = seconds_since(start) / static_cast<double>(state.step - first_step);
      const BatchReport report{.state = state,
                               .epochs = options.epochs,
                               .batches = batches,
                               .loss = loss,
                               .lr = optimizer.lr(),
                               .images_per_second = static_cast<double>(state.images) / state.seconds,
                               .seconds_left = per_step * static_cast<double>(steps - state.step)};
      detail::notify(options.callbacks, &Callback::batch_end, report);
      if (state.step < steps && detail::stopped(model, options, state)) {
        return false;
      }
    }
    detail::check_model<T>(model, state);
    detail::close_epoch(model, options, optimizer.lr(), state);
    detail::notify(options.callbacks, &Callback::epoch_end, state, options.epochs);
  }
  return true;
}

}  // namespace engram::train
