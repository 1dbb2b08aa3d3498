#pragma once

#include <algorithm>
#include <charconv>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>
#include <engram/io/npz.hpp>

namespace engram::train::detail {

/// The checkpoints that are in a folder, "checkpoint_00000123.npz" after 123 steps and "best.npz".
class CheckpointFiles {
 public:
  explicit CheckpointFiles(std::filesystem::path folder) : folder_(std::move(folder)) {}

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path best() const { return folder_ / "best.npz"; }
  /// @throws IoError if that cannot be known
  bool has_best() const { return exists(best()); }

  /// Those of steps.
  /// @throws IoError if the folder cannot be read
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

  /// What `read` makes of the newest file that is whole, the best where no other is, and those before that are damaged.
  /// @throws FormatError for a whole one that `read` refuses, or the newest if none is whole; IoError
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

  /// Compares the checksums of all that a file holds.
  /// @throws IoError, FormatError
  static void read_all(const std::filesystem::path& path) {
    const io::NpzReader file(path);
    for (const std::string& name : file.names()) {
      (void)file.read(name);
    }
  }
  static void set_aside(const std::filesystem::path& damaged) {
    std::error_code ignored;
    std::filesystem::rename(damaged, damaged.string() + ".damaged", ignored);
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

  static bool whole(const std::filesystem::path& path) {
    try {
      read_all(path);
      return true;
    } catch (const FormatError&) {
      return false;
    }
  }

  static bool exists(const std::filesystem::path& file) {
    std::error_code error;
    const auto status = std::filesystem::symlink_status(file, error);  // a link to nothing is there, too
    ensure<IoError>(std::filesystem::status_known(status), file.string(), ": cannot be read: ", error.message());
    return std::filesystem::exists(status);
  }

  std::filesystem::path folder_;
};

}  // namespace engram::train::detail
