#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <engram/nn/state.hpp>
#include <engram/train/fit_options.hpp>

namespace engram::train {

/// Which values are better: low ones (a loss) or high ones (PSNR).
enum class Better { lower, higher };

struct EarlyStoppingOptions {
  std::string watch = "validation_loss";  ///< column of the history: a fixed one or a metric's
  Better better = Better::lower;
  Index patience = 10;   ///< ends after so many validations in a row without a new best one
  double min_delta = 0;  ///< by how much more than this a new best one must be better
};

/// Ends a training that no longer gets better on held-out data, and keeps the best model that it has seen.
///
/// ```
/// train::EarlyStopping stopping(model, {.patience = 5});
/// options.callbacks.push_back(stopping.callback(model));  // before one that saves checkpoints
/// options.stop = [&] { return stopping.stop(); };
/// train::fit(model, adam, data, options, state);
/// stopping.restore(model);
/// ```
/// For a training that may be interrupted, hand `buffers()` to save_checkpoint and load_checkpoint.
/// Source: Prechelt, "Early stopping - but when?", 1998, his third class of criteria.
template <class Model>
class EarlyStopping {
 public:
  using value_type = nn::ModelValue<Model>;

  /// Keeps a deep copy of `model`, to copy the best one into.
  /// @throws ArgumentError for a patience below 1 or a min_delta below 0
  explicit EarlyStopping(const Model& model, EarlyStoppingOptions options = {})
      : options_(std::move(options)), best_model_(model) {
    ensure<ArgumentError>(options_.patience >= 1 && options_.min_delta >= 0,
                          "EarlyStopping: need patience >= 1 and min_delta >= 0, got ", options_.patience, " and ",
                          options_.min_delta);
  }
  EarlyStopping(const EarlyStopping&) = delete;  // callbacks refer to it
  EarlyStopping& operator=(const EarlyStopping&) = delete;

  /// Looks at the history's latest epoch; one that was not validated (NaN) does not count.
  /// @throws ArgumentError if there is no such column as the one to be watched
  void update(Model& model, const TrainingState& state) {
    const double value = state.history.last(options_.watch);
    if (std::isnan(value)) {
      return;
    }
    const double gain = options_.better == Better::lower ? best() - value : value - best();
    if (best_epoch_ > 0 && !(gain > options_.min_delta)) {
      ++waited_;
      return;
    }
    nn::copy_state(model, best_model_);
    best_bits_ = std::bit_cast<std::int64_t>(value);
    best_epoch_ = state.epoch;
    waited_ = 0;
  }

  /// Updates after each epoch. `model`, the one that is trained, and this object must outlive the callback.
  Callback callback(Model& model) {
    return {.epoch_end = [this, &model](const TrainingState& state, Index) { update(model, state); }};
  }

  /// For FitOptions::stop: whether patience has run out.
  bool stop() const { return waited_ >= options_.patience; }

  /// The best value so far; NaN before the first.
  double best() const { return std::bit_cast<double>(best_bits_); }
  /// The epoch (1, 2, ...) after which it was measured; 0 before the first.
  Index best_epoch() const { return static_cast<Index>(best_epoch_); }

  /// Copies the best model's parameters and buffers into `model`.
  /// @throws ArgumentError if nothing was ever measured: there was no validation set, or the callback was not given to
  /// fit
  void restore(Model& model) {
    ensure<ArgumentError>(
        best_epoch_ > 0, "EarlyStopping: need a measured ", options_.watch,
        " to know the best model by, got none: fit needs a validation set and this object's callback");
    nn::copy_state(best_model_, model);
  }

  /// All that must survive an interruption. The best value's bits are kept as a whole number, since it is a double
  /// whatever the model's type.
  nn::Buffers<value_type> buffers() {
    nn::Buffers<value_type> all;
    nn::append(all, "best", nn::state(best_model_));
    all.push_back({"best_bits", nullptr, &best_bits_});
    all.push_back({"best_epoch", nullptr, &best_epoch_});
    all.push_back({"waited", nullptr, &waited_});
    return all;
  }

 private:
  EarlyStoppingOptions options_;
  Model best_model_;
  std::int64_t best_bits_ = std::bit_cast<std::int64_t>(std::numeric_limits<double>::quiet_NaN());
  std::int64_t best_epoch_ = 0;
  std::int64_t waited_ = 0;  // validations since the best one
};

}  // namespace engram::train
