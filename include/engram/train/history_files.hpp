#pragma once

#include <cmath>
#include <filesystem>
#include <string>

#include <nlohmann/json.hpp>

#include <engram/io/atomic_file.hpp>
#include <engram/io/csv.hpp>
#include <engram/train/history.hpp>

namespace engram::train {

/// The history as a table with a header; what was not measured is an empty cell's NaN.
/// @throws IoError if the file cannot be written
inline void write_history_csv(const std::filesystem::path& path, const History& history) {
  io::write_csv(path, {.columns = history.columns(), .values = history.values()});
}

/// The history as a JSON array with one object per epoch; what was not measured is null.
/// @throws IoError if the file cannot be written
inline void write_history_json(const std::filesystem::path& path, const History& history) {
  auto epochs = nlohmann::ordered_json::array();
  for (const auto& row : history.rows()) {
    auto& epoch = epochs.emplace_back(nlohmann::ordered_json::object());
    for (std::size_t c = 0; c < row.size(); ++c) {
      epoch[history.columns()[c]] = std::isfinite(row[c]) ? nlohmann::ordered_json(row[c]) : nlohmann::ordered_json();
    }
  }
  io::write_atomically(path, epochs.dump(1) + "\n");
}

}  // namespace engram::train
