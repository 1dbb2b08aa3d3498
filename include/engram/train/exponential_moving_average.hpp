#pragma once

#include <cstddef>
#include <set>

#include <engram/core/parallel.hpp>
#include <engram/nn/state.hpp>
#include <engram/train/fit_options.hpp>

namespace engram::train {

/// A second model whose numbers follow those of a model in training as a running mean: it often does better than the
/// model itself, whose last steps are noise.
///
/// ```
/// train::ExponentialMovingAverage average(model, 0.999);
/// options.callbacks.push_back(average.callback(model));
/// train::fit(model, adam, data, options, state);
/// train::save_model("model.npz", average.model(), settings);
/// ```
/// It starts as a copy, whose share falls to 1/e within 1 / (1 - decay) steps: choose that well below the number of all
/// steps. For a training that may be interrupted, hand `buffers()` to save_checkpoint and load_checkpoint.
/// Sources: Polyak, Juditsky, "Acceleration of stochastic approximation by averaging", 1992; PyTorch's AveragedModel
/// with get_ema_multi_avg_fn and use_buffers=True.
template <class Model>
class ExponentialMovingAverage {
 public:
  using value_type = nn::ModelValue<Model>;

  /// @throws ArgumentError unless 0 <= decay < 1
  explicit ExponentialMovingAverage(const Model& model, double decay = 0.999) : average_(model), decay_(decay) {
    ensure<ArgumentError>(decay >= 0 && decay < 1, "ExponentialMovingAverage: need 0 <= decay < 1, got ", decay);
  }
  ExponentialMovingAverage(const ExponentialMovingAverage&) = delete;  // callbacks refer to it
  ExponentialMovingAverage& operator=(const ExponentialMovingAverage&) = delete;

  /// average = decay average + (1 - decay) value, for all parameters and buffers of `model`, each once whatever the
  /// number of its names; counters are copied.
  /// @throws ArgumentError, ShapeError if it is not built as the model that this began with
  void update(Model& model) {
    const auto values = nn::state(model);
    const auto averages = nn::state(average_);
    const auto sources = nn::detail::counterparts("ExponentialMovingAverage", values, averages);
    const auto share = static_cast<value_type>(1 - decay_);
    std::set<const void*> done;
    for (std::size_t i = 0; i < averages.size(); ++i) {
      if (averages[i].values == nullptr) {
        *averages[i].counter = *sources[i]->counter;
        continue;
      }
      if (!done.insert(averages[i].values).second) {
        continue;
      }
      value_type* average = averages[i].values->data();
      const value_type* value = sources[i]->values->data();
      parallel_ranges(averages[i].values->size(), 1 << 14, [=](Index begin, Index end) {
        for (Index k = begin; k < end; ++k) {
          average[k] += share * (value[k] - average[k]);
        }
      });
    }
  }

  /// Updates after each step. `model`, the one that is trained, and this object must outlive the callback.
  Callback callback(Model& model) {
    return {.batch_end = [this, &model](const BatchReport&) { update(model); }};
  }

  /// The mean, to be evaluated or saved; its parameters stay the same variables.
  Model& model() { return average_; }
  const Model& model() const { return average_; }

  /// All that must survive an interruption.
  nn::Buffers<value_type> buffers() { return nn::state(average_); }

 private:
  Model average_;
  double decay_;
};

}  // namespace engram::train
