#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/array.hpp>
#include <engram/io/folder.hpp>
#include <engram/io/npy.hpp>
#include <engram/train/fit_options.hpp>

namespace engram::train {

/// Codes at a moment of a training: a file step_00001234.npy.
struct SnapshotFile {
  Index step = 0;  ///< optimiser steps so far
  std::filesystem::path file;
};

/// Codes of the same frames at several moments of a training.
template <std::floating_point T>
struct Snapshots {
  std::vector<Index> steps;  ///< [S], increasing
  Tensor<T> codes;           ///< [S, N, D]
};

/// Writes codes [N, D] as folder/step_00001234.npy, in the place of what is there; atomic, see io::AtomicFile. The
/// folder is made if it is not there. Also for the codes of before a training: step 0.
/// @throws ShapeError for another shape; ArgumentError for step < 0 or a code that is not finite
/// @throws IoError if the folder or the file cannot be written
template <std::floating_point T>
void write_snapshot(const std::filesystem::path& folder, Index step, const Tensor<T>& codes) {
  ensure<ShapeError>(codes.rank() == 2 && codes.size() > 0, "write_snapshot: need codes [N, D], got ", codes.shape());
  ensure<ArgumentError>(step >= 0, "write_snapshot: need step >= 0, got ", step);
  for (Index i = 0; i < codes.size(); ++i) {
    ensure<ArgumentError>(std::isfinite(codes[i]), "write_snapshot: need finite codes, got ", codes[i], " in row ",
                          i / codes.dim(1));
  }
  io::make_folder(folder);
  char name[40];
  std::snprintf(name, sizeof name, "step_%08td.npy", step);
  io::write_npy(folder / name, codes);
}

/// The snapshots in a folder, by step; other files are passed over. A folder that is not there has none.
/// @throws IoError if the folder cannot be read
inline std::vector<SnapshotFile> list_snapshots(const std::filesystem::path& folder) {
  std::vector<SnapshotFile> found;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    constexpr std::string_view before = "step_";
    constexpr std::string_view after = ".npy";
    if (!name.starts_with(before) || !name.ends_with(after)) {
      continue;
    }
    SnapshotFile snapshot{0, entry->path()};
    const char* digits_end = name.data() + name.size() - after.size();
    const auto number = std::from_chars(name.data() + before.size(), digits_end, snapshot.step);
    if (number.ec == std::errc() && number.ptr == digits_end && snapshot.step >= 0) {
      found.push_back(std::move(snapshot));
    }
  }
  ensure<IoError>(!error || error == std::errc::no_such_file_or_directory, folder.string(),
                  ": cannot be read: ", error.message());
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.step < b.step; });
  return found;
}

/// All snapshots of a folder; where they are too large for the memory, go through list_snapshots.
/// @throws IoError if one cannot be read; FormatError if there is none, or one has another shape than the first
template <std::floating_point T>
Snapshots<T> read_snapshots(const std::filesystem::path& folder) {
  const std::vector<SnapshotFile> files = list_snapshots(folder);
  ensure<FormatError>(!files.empty(), folder.string(), ": need a folder with snapshots step_NUMBER.npy, got none");
  Snapshots<T> all;
  Shape first;
  for (std::size_t s = 0; s < files.size(); ++s) {
    const io::Array array = io::read_npy(files[s].file);
    if (s == 0) {
      first = array.shape;
      ensure<FormatError>(first.rank() == 2, files[s].file.string(), ": need codes [N, D], got ", first);
      all.codes = Tensor<T>::uninitialized({std::ssize(files), first[0], first[1]});
    }
    ensure<FormatError>(array.shape == first, files[s].file.string(), ": need codes ", first,
                        " as in the first snapshot, got ", array.shape);
    const auto codes = naming(files[s].file.string(), [&] { return array.as<T>(); });
    std::copy_n(codes.data(), codes.size(), all.codes.data() + static_cast<Index>(s) * codes.size());
    all.steps.push_back(files[s].step);
  }
  return all;
}

/// Writes the codes of all frames at `per_epoch` evenly spaced moments of each epoch, the last of them at its end, with
/// write_snapshot: one file each, so an interruption leaves only whole ones. A training that goes on from a checkpoint
/// writes those again that were made after it, with the same bits.
///
///     const auto codes = [&] {  // with the running statistics, as in use
///       infer::Runner<float> runner(infer::Plan<float>(model, {1, 50, 50}, {.until = "code"}), frames.dim(0));
///       runner.run(frames.elements());
///       return Tensor<float>::from({frames.dim(0), 16}, runner.output("code"));
///     };
///     options.callbacks.push_back(train::latent_snapshots<float>("run/snapshots", codes, 4));
///
/// @param codes      makes [N, D] of the model as it is; whatever it refers to is kept alive by the caller
/// @param per_epoch  more than an epoch's batches: after each batch
/// @throws ArgumentError unless per_epoch >= 1; the callback throws what write_snapshot throws
template <std::floating_point T>
Callback latent_snapshots(std::filesystem::path folder, std::function<Tensor<T>()> codes, Index per_epoch = 1) {
  ensure<ArgumentError>(per_epoch >= 1, "latent_snapshots: need per_epoch >= 1, got ", per_epoch);
  Callback callback;
  callback.batch_end = [folder = std::move(folder), codes = std::move(codes), per_epoch](const BatchReport& report) {
    const Index done = report.state.batch;
    if (done * per_epoch / report.batches > (done - 1) * per_epoch / report.batches) {
      write_snapshot(folder, report.state.step, codes());
    }
  };
  return callback;
}

}  // namespace engram::train
