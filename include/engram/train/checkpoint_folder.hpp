#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <engram/io/folder.hpp>
#include <engram/train/checkpoint.hpp>
#include <engram/train/checkpoint_files.hpp>
#include <engram/train/early_stopping.hpp>

namespace engram::train {

struct CheckpointFolderOptions {
  Index keep_last = 3;                    ///< checkpoints that stay, at least 1
  std::string watch = "validation_loss";  ///< column of the history whose best row has a checkpoint of its own
  Better better = Better::lower;
};

/// A folder with the last checkpoints of one training, "checkpoint_00000123.npz" after 123 steps, and the best,
/// "best.npz", among those that were saved. Wherever a training is killed, at least one whole checkpoint is there once
/// the first has been saved; a file that the disk has damaged since is passed over for the one before. Two trainings
/// cannot be mixed: where there are checkpoints, they must be loaded before others are saved.
///
/// ```
/// train::CheckpointFolder checkpoints("run/checkpoints");
/// if (!checkpoints.empty()) state = checkpoints.load(model, adam, settings);
/// options.callbacks.push_back({.epoch_end = [&](const train::TrainingState& now, Index) {
///   checkpoints.save(model, adam, now, settings);
/// }});
/// ```
class CheckpointFolder {
 public:
  /// Makes the folder if it is not there.
  /// @throws ArgumentError for keep_last below 1; IoError if the folder cannot be made
  explicit CheckpointFolder(std::filesystem::path folder, CheckpointFolderOptions options = {})
      : files_(std::move(folder)), options_(std::move(options)) {
    ensure<ArgumentError>(options_.keep_last >= 1, "CheckpointFolder: need keep_last >= 1, got ", options_.keep_last);
    io::make_folder(files_.folder());
  }

  /// The checkpoints, the newest last, without the best.
  /// @throws IoError if the folder cannot be read
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> all;
    for (const auto& [step, file] : files_.steps()) {
      all.push_back(file);
    }
    return all;
  }
  bool empty() const { return files_.steps().empty() && !files_.has_best(); }
  std::filesystem::path best() const { return files_.best(); }

  /// Adds a checkpoint, see save_checkpoint, and only then removes old ones. After an epoch whose watched value is
  /// better than that of `best()` it becomes the best, too.
  /// @throws IoError if it cannot be written, or the best not be read; ArgumentError if there are checkpoints that have
  /// been neither loaded nor saved through this object, or later ones than what was, as of another training, if the
  /// model's numbers are not all finite, or for `watch` that is no column of the history; all that were there are then
  /// still there
  template <class Model, optim::SavableOptimizer<nn::ModelValue<Model>> Optimizer>
  void save(Model& model, Optimizer& optimizer, const TrainingState& state, const Settings& settings,
            const nn::Buffers<nn::ModelValue<Model>>& others = {}) {
    char name[40];
    std::snprintf(name, sizeof name, "checkpoint_%08td.npz", state.step);
    auto all = files_.steps();
    check_place(name, all, state.step);
    last_ = state.step;
    // The best first: whoever is killed between the two repeats the epoch, and none is lost.
    if (is_best(state)) {
      save_checkpoint(best(), model, optimizer, state, settings, others);
    }
    save_checkpoint(files_.folder() / name, model, optimizer, state, settings, others);
    all[state.step] = files_.folder() / name;
    for (auto file = all.begin(); std::ssize(all) > options_.keep_last; file = all.erase(file)) {
      std::error_code ignored;
      std::filesystem::remove(file->second, ignored);
    }
  }

  /// Restores the newest checkpoint that is whole, see load_checkpoint; the best if no other is. Those that were found
  /// damaged get ".damaged" at the end of their names; what trainings that were killed have left half-written is
  /// removed. A training may go on saving here meanwhile: others can look at what it has learnt so far.
  /// @throws FormatError for a whole one that does not fit, or the newest if none is whole; IoError for one that cannot
  /// be read; then nothing is changed
  template <class Model, optim::SavableOptimizer<nn::ModelValue<Model>> Optimizer>
  TrainingState load(Model& model, Optimizer& optimizer, const Settings& settings,
                     const nn::Buffers<nn::ModelValue<Model>>& others = {}) {
    auto [state, damaged] = files_.newest_whole(
        [&](const std::filesystem::path& file) { return load_checkpoint(file, model, optimizer, settings, others); });
    for (const auto& file : damaged) {
      files_.set_aside(file);
    }
    io::remove_unfinished(files_.folder());
    last_ = state.step;
    return state;
  }

  /// Those of the newest checkpoint that is whole.
  /// @throws IoError, FormatError as load does
  Settings settings() const {
    return files_
        .newest_whole([](const std::filesystem::path& file) {
          detail::CheckpointFiles::read_all(file);
          return load_settings(file);
        })
        .first;
  }

 private:
  /// Before the checkpoint `name` is saved beside those that there are.
  /// @throws ArgumentError as save does
  void check_place(const std::string& name, const std::map<Index, std::filesystem::path>& all, Index step) const {
    if (!last_) {
      ensure<ArgumentError>(all.empty() && !files_.has_best(),
                            "CheckpointFolder: need a folder without another training to save ", name, ", got ",
                            (all.empty() ? best() : all.rbegin()->second).string(),
                            "; load it first, or give each training a folder of its own");
      io::remove_unfinished(files_.folder());
    }
    ensure<ArgumentError>(all.empty() || all.rbegin()->first <= std::min(step, *last_),
                          "CheckpointFolder: need a folder without later steps to save ", name, ", got ",
                          all.empty() ? "" : all.rbegin()->second.string(), "; another training saves here");
  }

  /// Whether the epoch that has just ended is better than the best that was kept.
  /// @throws IoError if that cannot be read
  bool is_best(const TrainingState& state) const {
    if (!state.history.has(options_.watch)) {
      const std::vector<std::string>& columns = state.history.columns();
      fail<ArgumentError>("CheckpointFolder: need one of the history's columns to watch (",
                          io::detail::name_list(columns, columns.size()), "), got ", options_.watch);
    }
    const double value = state.history.last(options_.watch);
    if (state.batch != 0 || std::isnan(value)) {
      return false;
    }
    const double before = best_value();
    return std::isnan(before) || (options_.better == Better::lower ? value < before : value > before);
  }

  /// The watched value of best(); not a number if there is none, or it was chosen by another value. A damaged one is
  /// set aside.
  double best_value() const {
    if (!files_.has_best()) {
      return not_a_number;
    }
    try {
      const io::NpzReader file(best());
      const History history = detail::read_training_state(file, best().string()).history;
      return history.has(options_.watch) ? history.last(options_.watch) : not_a_number;
    } catch (const FormatError&) {
      files_.set_aside(best());
      return not_a_number;
    }
  }

  static constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

  detail::CheckpointFiles files_;
  CheckpointFolderOptions options_;
  std::optional<Index> last_;  ///< step that was loaded or saved: later checkpoints are another training's
};

}  // namespace engram::train
