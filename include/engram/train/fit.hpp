#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <concepts>
#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <engram/autograd/backward.hpp>
#include <engram/core/random.hpp>
#include <engram/data/batches.hpp>
#include <engram/nn/module.hpp>
#include <engram/optim/optimizer.hpp>
#include <engram/train/fit_options.hpp>

namespace engram::train {

/// Mean loss over a data set, in evaluation mode.
template <std::floating_point T, nn::Module<T> Model>
double evaluate(const Model& model, const Dataset<T>& data, const FitOptions<T>& options = {}) {
  const NoGrad no_grad;
  double sum = 0;
  std::vector<Index> items(static_cast<std::size_t>(data.size));
  std::iota(items.begin(), items.end(), Index{0});
  for (std::size_t begin = 0; begin < items.size(); begin += static_cast<std::size_t>(options.batch_size)) {
    const std::size_t count = std::min(static_cast<std::size_t>(options.batch_size), items.size() - begin);
    const Batch<T> batch = data.batch(std::span<const Index>(items).subspan(begin, count));
    sum += static_cast<double>(options.loss(model(batch.inputs), batch.targets).value().item()) *
           static_cast<double>(count);
  }
  return sum / static_cast<double>(data.size);
}

namespace detail {

inline std::vector<std::string> metric_names(const std::vector<Metric>& metrics) {
  std::vector<std::string> names;
  for (const Metric& metric : metrics) {
    names.push_back(metric.name);
  }
  return names;
}

/// @throws ArgumentError if the options cannot be followed, or the state is that of a training on other data
template <class T>
void check_fit(const Dataset<T>& training, const FitOptions<T>& options, const TrainingState& state) {
  ensure<ArgumentError>(
      options.epochs >= 0 && options.batch_size >= 1 && options.validate_every >= 1 && training.size >= 1,
      "fit: need epochs >= 0, batch_size, validate_every and training examples >= 1, got ", options.epochs, ", ",
      options.batch_size, ", ", options.validate_every, " and ", training.size);
  ensure<ArgumentError>(state.step == 0 || (state.batch_size == options.batch_size && state.examples == training.size),
                        "fit: need the batch size ", state.batch_size, " and the ", state.examples,
                        " training examples that this training began with, got ", options.batch_size, " and ",
                        training.size);
  const auto names = metric_names(options.metrics);
  ensure<ArgumentError>(state.history.rows().empty() || std::ranges::equal(names, state.history.metrics()),
                        "fit: need the metrics that this training began with, got ", names.size(), " instead of ",
                        state.history.metrics().size());
}

/// Fills in what the first step of a training decides.
template <class T>
void begin_training(const Dataset<T>& training, const FitOptions<T>& options, double lr, TrainingState& state) {
  state.base_lr = lr;
  state.batch_size = options.batch_size;
  state.examples = training.size;
  state.history = History(metric_names(options.metrics));
}

/// One step of the optimiser. @returns the batch's loss
template <class T, class Model, class Optimizer>
double train_batch(Model& model, Optimizer& optimizer, const Batch<T>& batch, const FitOptions<T>& options,
                   const TrainingState& state) {
  Variable<T> loss = options.loss(nn::run(model, batch.inputs, Mode::train), batch.targets);
  const auto value = static_cast<double>(loss.value().item());
  ensure<Error>(std::isfinite(value), "fit: need a finite loss, got ", value, " in epoch ", state.epoch + 1, ", batch ",
                state.batch + 1, "; a lower learning rate may help");
  optimizer.step(backward(std::move(loss)));
  return value;
}

/// @throws Error, naming the first parameter that is not finite: the last step of an epoch has no loss after it
template <class T, class Model>
void check_parameters(const Model& model, Index epoch) {
  if constexpr (nn::HasParameters<Model, T>) {
    for (const auto& parameter : model.parameters()) {
      for (const T value : parameter.variable.value().elements()) {
        ensure<Error>(std::isfinite(value), "fit: need finite parameters, got ", value, " in ", parameter.name,
                      " after epoch ", epoch, "; a lower learning rate may help");
      }
    }
  }
}

/// Adds the epoch that has just ended to the history.
template <class T, class Model>
void close_epoch(const Model& model, const FitOptions<T>& options, double lr, TrainingState& state) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double images = static_cast<double>(state.images);
  ++state.epoch;
  const bool validate = state.epoch % options.validate_every == 0 || state.epoch == options.epochs;
  double validation_loss = nan;
  if (validate && options.validation.size > 0) {
    validation_loss = evaluate(model, options.validation, options);
    ensure<Error>(std::isfinite(validation_loss), "fit: need a finite validation loss, got ", validation_loss,
                  " after epoch ", state.epoch, "; a lower learning rate may help");
  }
  std::vector<double> row{static_cast<double>(state.epoch),
                          static_cast<double>(state.step),
                          lr,
                          state.loss_sum / images,
                          validation_loss,
                          state.seconds,
                          images / state.seconds};
  for (const Metric& metric : options.metrics) {
    row.push_back(validate ? metric.measure() : nan);
  }
  state.history.add(std::move(row));
  state.batch = 0;
  state.images = 0;
  state.loss_sum = 0;
  state.seconds = 0;
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

}  // namespace detail

/// The training loop: for each epoch, each example once, in batches of a random order, one optimiser step per batch.
///
/// Goes on from `state`, so a state read from a checkpoint (with its model and optimiser) ends in the same bits as a
/// training that never stopped. The order of the batches is a function of state.rng and the epoch.
/// @returns false if options.stop ended it before all epochs were done
/// @throws ArgumentError for options that cannot be followed; Error, naming epoch and batch, if the loss is not finite,
/// or naming the parameter, or the validation loss, that is not finite after an epoch
template <std::floating_point T, nn::Module<T> Model, optim::Optimizer<T> Optimizer>
bool fit(Model& model, Optimizer& optimizer, const Dataset<T>& training, const FitOptions<T>& options,
         TrainingState& state) {
  detail::check_fit(training, options, state);
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
    const data::Batches order(training.size, options.batch_size,
                              Rng(state.rng).split(static_cast<std::uint64_t>(state.epoch)));
    while (state.batch < batches) {
      const Clock::time_point batch_start = Clock::now();
      const auto items = order[state.batch];
      if (options.schedule) {
        optimizer.set_lr(options.schedule(state.base_lr, {.epoch = state.epoch, .step = state.step, .steps = steps}));
      }
      const double loss = detail::train_batch(model, optimizer, training.batch(items), options, state);
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
      if (options.stop && options.stop() && state.step < steps) {
        detail::notify(options.callbacks, &Callback::stopped, state);
        return false;
      }
    }
    detail::check_parameters<T>(model, state.epoch + 1);
    detail::close_epoch(model, options, optimizer.lr(), state);
    detail::notify(options.callbacks, &Callback::epoch_end, state, options.epochs);
  }
  return true;
}

}  // namespace engram::train
