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
  std::function<void(const TrainingState&)> stopped = {};  ///< on a stop request, after the batch
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
  std::function<Variable<T>(const Variable<T>& output, const Variable<T>& targets)> loss =
      [](const Variable<T>& output, const Variable<T>& targets) { return mse_loss(output, targets); };
  Dataset<T> validation = {};  ///< empty: none
  Index validate_every = 1;    ///< epochs; the last one is always validated
  std::vector<Metric> metrics = {};
  std::vector<Callback> callbacks = {};
  std::function<bool()> stop = {};  ///< asked after each batch; true ends the training there
};

}  // namespace engram::train
