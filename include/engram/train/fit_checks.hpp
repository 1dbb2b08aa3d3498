#pragma once

#include <algorithm>
#include <string>
#include <vector>

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
  const auto names = metric_names(options.metrics);
  ensure<ArgumentError>(state.history.rows().empty() || std::ranges::equal(names, state.history.metrics()),
                        "fit: need the metrics that this training began with, got ", names.size(), " instead of ",
                        state.history.metrics().size());
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

/// @throws Error, naming the first parameter that is not finite: the last step of an epoch has no loss after it
template <class T, class Model>
void check_parameters(const Model& model, Index epoch) {
  if constexpr (nn::HasParameters<Model, T>) {
    for (const auto& parameter : model.parameters()) {
      const Tensor<T>& values = parameter.variable.value();
      const Index bad = find_not_finite(values);
      if (bad < values.size()) {
        fail<Error>("fit: need finite parameters, got ", values[bad], " in ", parameter.name, " after epoch ", epoch,
                    "; a lower learning rate may help");
      }
    }
  }
}

}  // namespace engram::train::detail
