#pragma once

#include <concepts>
#include <functional>
#include <string>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/core/random.hpp>
#include <engram/ops/loss.hpp>
#include <engram/optim/schedules.hpp>
#include <engram/train/dataset.hpp>
#include <engram/train/history.hpp>

namespace engram::train {

/// Where a training stands: with the model and the optimiser, all that it takes to go on to the same bits.
struct TrainingState {
  RngState rng;          ///< decides the order of the batches
  double base_lr = 0;    ///< the rate that the schedule starts from
  Index epoch = 0;       ///< complete epochs
  Index batch = 0;       ///< batches done in the epoch that runs
  Index step = 0;        ///< optimiser steps so far
  Index images = 0;      ///< examples seen in the epoch that runs
  double loss_sum = 0;   ///< their losses' sum
  double seconds = 0;    ///< time spent on them
  Index batch_size = 0;  ///< 0 before the first step
  Index examples = 0;    ///< size of the training set; 0 before the first step
  History history;
};

/// What callbacks see after each batch.
struct BatchReport {
  const TrainingState& state;
  Index epochs;              ///< of the whole run
  Index batches;             ///< per epoch
  double loss;               ///< of this batch
  double lr;                 ///< of this step
  double images_per_second;  ///< of the epoch so far
  double seconds_left;       ///< until the end of the run, from the pace of this call
};

/// Called as training goes on; unset members are skipped. Models that a callback looks at are captured by the caller.
struct Callback {
  std::function<void(const BatchReport&)> batch_end = {};
  std::function<void(const TrainingState&, Index epochs)> epoch_end =
      {};                                                  ///< after validation; state.history has the row
  std::function<void(const TrainingState&)> stopped = {};  ///< on a stop request, after the batch or the epoch
};

/// A number that is measured at each validation and kept in the history.
struct Metric {
  std::string name;
  std::function<double()> measure;
};

template <std::floating_point T>
struct FitOptions {
  Index epochs = 10;
  Index batch_size = 64;
  optim::Schedule schedule = {};  ///< empty: the optimiser's own rate throughout

  /// Column of the history that the schedule sees as moment.metrics: a fixed one or a metric's. Empty: the validation
  /// loss, or the training loss if there is no validation set.
  std::string watch = {};

  std::function<Variable<T>(const Variable<T>& output, const Variable<T>& targets)> loss =
      [](const Variable<T>& output, const Variable<T>& targets) { return mse_loss(output, targets); };

  /// Examples that pass through the model at once; 0: the whole batch. A batch is cut into pieces of at most this many
  /// and nearly equal sizes, whose gradients, weighted by their sizes, add up to the batch's (others call it gradient
  /// accumulation): for batches that do not fit into memory. The loss must be a mean over examples, and batch norm sees
  /// pieces. Steps, schedules, reports and resuming are those of batch_size; evaluation goes by pieces as well.
  Index micro_batch_size = 0;

  /// Largest norm of all gradients together, see optim::clip_grad_norm; 0: not clipped.
  double clip_grad_norm = 0;

  /// Changes a training batch before it is learnt from, such as by noise or flips; never in evaluation. It gets the
  /// whole batch, before that is cut into pieces. The Rng is a function of state.rng, the epoch and the batch's number,
  /// so a training that goes on sees the same.
  std::function<Batch<T>(Batch<T> batch, Rng rng)> augment = {};

  Dataset<T> validation = Dataset<T>();  ///< empty: none (spelt out: GCC 12 warns of `{}` at -O3)
  Index validate_every = 1;              ///< epochs; the last one is always validated
  std::vector<Metric> metrics = {};
  std::vector<Callback> callbacks = {};
  std::function<bool()> stop = {};  ///< asked before each epoch and after each batch; true ends the training there
};

}  // namespace engram::train
