#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <engram/io/folder.hpp>
#include <engram/train/checkpoint.hpp>
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
      : folder_(std::move(folder)), options_(std::move(options)) {
    ensure<ArgumentError>(options_.keep_last >= 1, "CheckpointFolder: need keep_last >= 1, got ", options_.keep_last);
    io::make_folder(folder_);
  }

  /// The checkpoints, the newest last, without the best.
  /// @throws IoError if the folder cannot be read
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> all;
    for (const auto& [step, file] : steps()) {
      all.push_back(file);
    }
    return all;
  }
  bool empty() const { return steps().empty() && !has_best(); }
  std::filesystem::path best() const { return folder_ / "best.npz"; }

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
    auto all = steps();
    check_place(name, all, state.step);
    last_ = state.step;
    // The best first: whoever is killed between the two repeats the epoch, and none is lost.
    if (is_best(state)) {
      save_checkpoint(best(), model, optimizer, state, settings, others);
    }
    save_checkpoint(folder_ / name, model, optimizer, state, settings, others);
    all[state.step] = folder_ / name;
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
    auto [state, damaged] = newest_whole(
        [&](const std::filesystem::path& file) { return load_checkpoint(file, model, optimizer, settings, others); });
    for (const auto& file : damaged) {
      set_aside(file);
    }
    io::remove_unfinished(folder_);
    last_ = state.step;
    return state;
  }

  /// Those of the newest checkpoint that is whole.
  /// @throws IoError, FormatError as load does
  Settings settings() const {
    return newest_whole([](const std::filesystem::path& file) {
             read_all(file);
             return load_settings(file);
           })
        .first;
  }

 private:
  std::vector<std::filesystem::path> entries() const {
    std::error_code error;
    std::vector<std::filesystem::path> all;
    for (std::filesystem::directory_iterator entry(folder_, error), last; !error && entry != last;
         entry.increment(error)) {
      all.push_back(entry->path());
    }
    ensure<IoError>(!error, folder_.string(), ": cannot be read: ", error.message());
    return all;
  }

  /// The checkpoints by their steps.
  std::map<Index, std::filesystem::path> steps() const {
    constexpr std::string_view begin = "checkpoint_";
    constexpr std::string_view end = ".npz";
    std::map<Index, std::filesystem::path> all;
    for (const auto& file : entries()) {
      const std::string name = file.filename().string();
      if (name.starts_with(begin) && name.ends_with(end)) {
        const char* const stop = name.data() + name.size() - end.size();
        Index step = 0;
        const auto [parsed, error] = std::from_chars(name.data() + begin.size(), stop, step);
        if (error == std::errc() && parsed == stop && step >= 0) {
          all[step] = file;
        }
      }
    }
    return all;
  }

  /// Before the checkpoint `name` is saved beside those that there are.
  /// @throws ArgumentError as save does
  void check_place(const std::string& name, const std::map<Index, std::filesystem::path>& all, Index step) const {
    if (!last_) {
      ensure<ArgumentError>(all.empty() && !has_best(),
                            "CheckpointFolder: need a folder without another training to save ", name, ", got ",
                            (all.empty() ? best() : all.rbegin()->second).string(),
                            "; load it first, or give each training a folder of its own");
      io::remove_unfinished(folder_);
    }
    ensure<ArgumentError>(all.empty() || all.rbegin()->first <= std::min(step, *last_),
                          "CheckpointFolder: need a folder without later steps to save ", name, ", got ",
                          all.empty() ? "" : all.rbegin()->second.string(), "; another training saves here");
  }

  /// What `read` makes of the newest file that is whole, the best where no other is, and those before that are damaged.
  template <class Read>
  std::pair<std::invoke_result_t<Read, std::filesystem::path>, std::vector<std::filesystem::path>> newest_whole(
      const Read& read) const {
    std::vector<std::filesystem::path> damaged;
    std::exception_ptr first_error;
    while (const auto file = newest_but(damaged)) {
      try {
        return {read(*file), damaged};
      } catch (const FormatError&) {
        if (whole(*file)) {  // but not what is wanted
          throw;
        }
        damaged.push_back(*file);
        first_error = first_error ? first_error : std::current_exception();
      } catch (const IoError&) {
        if (exists(*file)) {  // else a training that saves here has just removed it, and there are newer ones
          throw;
        }
      }
    }
    ensure<IoError>(first_error != nullptr, folder_.string(), ": need a checkpoint_*.npz, got none");
    std::rethrow_exception(first_error);
  }

  /// The newest checkpoint that is none of `damaged`, the best after all others; nothing if there is none.
  std::optional<std::filesystem::path> newest_but(const std::vector<std::filesystem::path>& damaged) const {
    auto all = steps();
    if (has_best()) {
      all[-1] = best();
    }
    for (auto file = all.rbegin(); file != all.rend(); ++file) {
      if (std::ranges::find(damaged, file->second) == damaged.end()) {
        return file->second;
      }
    }
    return std::nullopt;
  }

  /// Compares the checksums of all that a file holds.
  static void read_all(const std::filesystem::path& path) {
    const io::NpzReader file(path);
    for (const std::string& name : file.names()) {
      (void)file.read(name);
    }
  }
  static bool whole(const std::filesystem::path& path) {
    try {
      read_all(path);
      return true;
    } catch (const FormatError&) {
      return false;
    }
  }

  static void set_aside(const std::filesystem::path& damaged) {
    std::error_code ignored;
    std::filesystem::rename(damaged, damaged.string() + ".damaged", ignored);
  }

  static bool exists(const std::filesystem::path& file) {
    std::error_code error;
    const auto status = std::filesystem::symlink_status(file, error);  // a link to nothing is there, too
    ensure<IoError>(std::filesystem::status_known(status), file.string(), ": cannot be read: ", error.message());
    return std::filesystem::exists(status);
  }
  bool has_best() const { return exists(best()); }

  /// Whether the epoch that has just ended is better than the best that was kept.
  /// @throws IoError if that cannot be read
  bool is_best(const TrainingState& state) const {
    const std::vector<std::string>& columns = state.history.columns();
    if (std::ranges::find(columns, options_.watch) == columns.end()) {
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
    if (!has_best()) {
      return not_a_number;
    }
    try {
      const io::NpzReader file(best());
      const History history = detail::read_training_state(file, best().string()).history;
      const bool has_value = std::ranges::find(history.columns(), options_.watch) != history.columns().end();
      return has_value ? history.last(options_.watch) : not_a_number;
    } catch (const FormatError&) {
      set_aside(best());
      return not_a_number;
    }
  }

  static constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

  std::filesystem::path folder_;
  CheckpointFolderOptions options_;
  std::optional<Index> last_;  ///< step that was loaded or saved: later checkpoints are another training's
};

}  // namespace engram::train
