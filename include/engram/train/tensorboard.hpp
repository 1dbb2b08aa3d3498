#pragma once

#include <cmath>
#include <string>

#include <engram/core/error.hpp>
#include <engram/io/tensorboard_writer.hpp>
#include <engram/train/fit_options.hpp>

namespace engram::train {

/// Writes a training's curves for TensorBoard, over the optimiser's steps: after each batch its loss as "loss/batch"
/// and the learning rate as "learning_rate"; after each epoch "loss/train", "loss/validation", "images_per_second" and
/// each metric as "metric/NAME", where they were measured.
///
/// A training that goes on from a checkpoint makes another writer for the same folder, with .purge_step =
/// state.step + 1, so that steps that are done again are not shown twice.
/// @param writer  kept alive by the caller as long as the callback
/// @param every   batches: only each every-th step is written
/// @throws ArgumentError unless every >= 1; the callback throws IoError if the disk is full or fails
inline Callback tensorboard(io::TensorBoardWriter& writer, Index every = 1) {
  ensure<ArgumentError>(every >= 1, "tensorboard: need every >= 1, got ", every);
  Callback callback;
  callback.batch_end = [&writer, every](const BatchReport& report) {
    if (report.state.step % every == 0) {
      writer.scalar("loss/batch", report.state.step, report.loss);
      writer.scalar("learning_rate", report.state.step, report.lr);
    }
  };
  callback.epoch_end = [&writer](const TrainingState& state, Index) {
    const History& h = state.history;
    const auto write = [&](const std::string& tag, double value) {
      if (!std::isnan(value)) {
        writer.scalar(tag, state.step, value);
      }
    };
    write("loss/train", h.last("train_loss"));
    write("loss/validation", h.last("validation_loss"));
    write("images_per_second", h.last("images_per_second"));
    for (const std::string& metric : h.metrics()) {
      write("metric/" + metric, h.last(metric));
    }
    writer.flush();
  };
  callback.stopped = [&writer](const TrainingState&) { writer.flush(); };
  return callback;
}

}  // namespace engram::train
