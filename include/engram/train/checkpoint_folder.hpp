#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <engram/train/checkpoint.hpp>
#include <engram/train/early_stopping.hpp>

namespace engram::train {

struct CheckpointFolderOptions {
  Index keep_last = 3;                    ///< checkpoints that stay, at least 1
  std::string watch = "validation_loss";  ///< column of the history whose best row has a checkpoint of its own
  Better better = Better::lower;
};

/// A folder with the last checkpoints of one training, "checkpoint_00000123.npz" after 123 steps, and the best,
/// "best.npz". Wherever a training is killed, at least one whole checkpoint is there once the first has been saved; a
/// file that the disk has damaged since is passed over for the one before.
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
      : folder_(std::move(folder)), options_(std::move(options)) {
    ensure<ArgumentError>(options_.keep_last >= 1, "CheckpointFolder: need keep_last >= 1, got ", options_.keep_last);
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    ensure<IoError>(!error, folder_.string(), ": cannot be made: ", error.message());
  }

  /// The checkpoints, the newest last, without the best.
  /// @throws IoError if the folder cannot be read
  std::vector<std::filesystem::path> files() const { return files_between("checkpoint_", ".npz"); }
  bool empty() const { return files().empty(); }
  std::filesystem::path best() const { return folder_ / "best.npz"; }

  /// Adds a checkpoint, see save_checkpoint, and only then removes old ones. After an epoch whose watched value is the
  /// best so far it becomes the best, too.
  /// @throws IoError if it cannot be written, ArgumentError if there is a checkpoint of a later step, as of another
  /// training; all that were there are then still there
  template <class Model, optim::SavableOptimizer<nn::ModelValue<Model>> Optimizer>
  void save(Model& model, Optimizer& optimizer, const TrainingState& state, const Settings& settings,
            const nn::Buffers<nn::ModelValue<Model>>& others = {}) const {
    char name[40];
    std::snprintf(name, sizeof name, "checkpoint_%08td.npz", state.step);
    const auto before = files();
    ensure<ArgumentError>(before.empty() || before.back() <= folder_ / name, "CheckpointFolder: need a folder without ",
                          "later steps to save ", name, ", got ", before.empty() ? "" : before.back().string(),
                          "; load it first, or give each training a folder of its own");
    save_checkpoint(folder_ / name, model, optimizer, state, settings, others);
    if (is_best(state)) {
      save_checkpoint(best(), model, optimizer, state, settings, others);
    }
    const auto all = files();
    for (std::size_t i = 0; i + static_cast<std::size_t>(options_.keep_last) < all.size(); ++i) {
      std::error_code ignored;
      std::filesystem::remove(all[i], ignored);
    }
  }

  /// Restores the newest checkpoint that is whole, see load_checkpoint; those after it are removed, since the training
  /// goes on from there, and so is what trainings that were killed have left half-written.
  /// @throws IoError, FormatError for the newest if none can be read; then nothing is changed
  template <class Model, optim::SavableOptimizer<nn::ModelValue<Model>> Optimizer>
  TrainingState load(Model& model, Optimizer& optimizer, const Settings& settings,
                     const nn::Buffers<nn::ModelValue<Model>>& others = {}) const {
    auto [state, newest] = newest_whole(
        [&](const std::filesystem::path& file) { return load_checkpoint(file, model, optimizer, settings, others); });
    const auto all = files();
    for (auto damaged = all.rbegin(); damaged != all.rend() && *damaged != newest; ++damaged) {
      std::filesystem::remove(*damaged);
    }
    for (const char* name : {"checkpoint_", "best.npz."}) {
      for (const auto& file : files_between(name, ".tmp")) {
        std::filesystem::remove(file);
      }
    }
    return state;
  }

  /// Those of the newest checkpoint that is whole.
  /// @throws IoError, FormatError for the newest if none can be read
  Settings settings() const { return newest_whole(load_settings).first; }

 private:
  std::vector<std::filesystem::path> files_between(std::string_view begin, std::string_view end) const {
    std::error_code error;
    std::vector<std::filesystem::path> found;
    for (std::filesystem::directory_iterator entry(folder_, error), last; !error && entry != last;
         entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (name.starts_with(begin) && name.ends_with(end)) {
        found.push_back(entry->path());
      }
    }
    ensure<IoError>(!error, folder_.string(), ": cannot be read: ", error.message());
    std::ranges::sort(found);
    return found;
  }

  /// What `read` makes of the newest file for which it throws no FormatError, and that file.
  template <class Read>
  std::pair<std::invoke_result_t<Read, std::filesystem::path>, std::filesystem::path> newest_whole(
      const Read& read) const {
    const auto all = files();
    ensure<IoError>(!all.empty(), folder_.string(), ": need a checkpoint_*.npz, got none");
    std::string first_error;
    for (auto file = all.rbegin(); file != all.rend(); ++file) {
      try {
        return std::pair(read(*file), *file);
      } catch (const FormatError& error) {
        first_error = first_error.empty() ? error.what() : first_error;
      }
    }
    fail<FormatError>(first_error);
  }

  /// Whether the epoch that has just ended is the best of the history.
  bool is_best(const TrainingState& state) const {
    if (state.batch != 0 || state.history.rows().empty()) {
      return false;
    }
    const double value = state.history.last(options_.watch);
    const auto measured = state.history.measured(options_.watch);
    return !std::isnan(value) && std::ranges::count_if(measured, [&](double other) {
                                   return options_.better == Better::lower ? other <= value : other >= value;
                                 }) == 1;
  }

  std::filesystem::path folder_;
  CheckpointFolderOptions options_;
};

}  // namespace engram::train
