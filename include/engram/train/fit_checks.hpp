#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <engram/data/batches.hpp>
#include <engram/io/array.hpp>
#include <engram/nn/module.hpp>
#include <engram/train/first_not_finite.hpp>
#include <engram/train/fit_options.hpp>

namespace engram::train::detail {

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
  ensure<ArgumentError>(options.micro_batch_size >= 0 && options.clip_grad_norm >= 0,
                        "fit: need micro_batch_size and clip_grad_norm >= 0, where 0 means none, got ",
                        options.micro_batch_size, " and ", options.clip_grad_norm);
  ensure<ArgumentError>(state.step == 0 || (state.batch_size == options.batch_size && state.examples == training.size),
                        "fit: need the batch size ", state.batch_size, " and the ", state.examples,
                        " training examples that this training began with, got ", options.batch_size, " and ",
                        training.size);
  const Index batches = data::Batches::count(training.size, options.batch_size);
  ensure<ArgumentError>(state.epoch >= 0 && state.batch >= 0 && state.batch <= batches,
                        "fit: need a state within an epoch of ", batches, " batches, got epoch ", state.epoch,
                        ", batch ", state.batch);
  const auto names = metric_names(options.metrics);
  ensure<ArgumentError>(state.history.rows().empty() || std::ranges::equal(names, state.history.metrics()),
                        "fit: need the metrics that this training began with, ",
                        io::detail::name_list(state.history.metrics(), 12), ", got ", io::detail::name_list(names, 12));
  if (!options.watch.empty()) {
    History(names).last(options.watch);  // throws if there is no such column
  }
}

/// Fills in what the first step of a training decides.
template <class T>
void begin_training(const Dataset<T>& training, const FitOptions<T>& options, double lr, TrainingState& state) {
  state.base_lr = lr;
  state.batch_size = options.batch_size;
  state.examples = training.size;
  state.history = History(metric_names(options.metrics));
}

/// @throws Error, naming the first parameter or buffer that is not finite: the last step has no loss after it
template <class T, class Model>
void check_model(Model& model, const TrainingState& state) {
  const std::string bad = name_bad_state<T>(model);
  ensure<Error>(bad.empty(), "fit: need finite parameters and buffers, got ", bad, " in epoch ", state.epoch + 1,
                ", after batch ", state.batch, "; a lower learning rate may help");
}

}  // namespace engram::train::detail
