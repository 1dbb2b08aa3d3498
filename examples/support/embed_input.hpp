#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>

#include "support/words.hpp"

namespace support {

using engram::ArgumentError;
using engram::ensure;
using engram::FormatError;
using engram::Index;
using engram::IoError;
using engram::ShapeError;
using engram::Tensor;
namespace io = engram::io;

/// Which numbers of which files are to be embedded.
struct InputOptions {
  std::filesystem::path data;        ///< .csv, .npy or .npz
  std::string array;                 ///< of an .npz; empty: the only one
  std::vector<std::string> columns;  ///< of a .csv; none: all but the label
  std::filesystem::path labels;      ///< .csv, .npy or .npz; empty: the data's file, if there is a label
  std::string label;                 ///< column of a .csv, array of an .npz
  std::string label_kind = "auto";
  std::optional<double> period = {};  ///< of a circular label; none: 2 pi

  bool has_label() const { return !labels.empty() || !label.empty(); }
  const std::filesystem::path& label_file() const { return labels.empty() ? data : labels; }
  /// Whether the data's column of that name is the label.
  bool is_label(const std::string& column) const {
    std::error_code ignored;
    return column == label && (labels.empty() || std::filesystem::equivalent(data, labels, ignored));
  }
};

/// "1 row", "2 rows".
inline std::string counted(Index count, const char* what) {
  return engram::text(count, " ", what, count == 1 ? "" : "s");
}

inline std::string checked_extension(const std::filesystem::path& path) {
  const std::string extension = io::lower_extension(path);
  if (extension != ".csv" && extension != ".npy" && extension != ".npz") {
    std::error_code ignored;
    ensure<IoError>(std::filesystem::exists(path, ignored), path.string(), ": no such file");
    engram::fail<FormatError>(path.string(), ": need a .csv, .npy or .npz, got '", extension, "'");
  }
  return extension;
}

inline std::size_t column_of(const std::vector<std::string>& columns, const std::string& name,
                             const std::filesystem::path& path) {
  const auto found = std::ranges::find(columns, name);
  ensure<ArgumentError>(found != columns.end(), path.string(), ": need one of the columns ", joined(columns), ", got ",
                        name);
  return static_cast<std::size_t>(found - columns.begin());
}

/// The array called `name`; without a name the only one there is.
inline io::Array read_array(const std::filesystem::path& path, const std::string& name, const char* option) {
  const io::NpzReader file(path);
  ensure<ArgumentError>(!name.empty() || file.names().size() == 1, path.string(), ": need ", option, ", one of ",
                        joined(file.names()));
  return file.read(name.empty() ? file.names().front() : name);
}

/// Which columns are data: those named, or all but the label and the row numbers that pandas writes.
inline std::vector<std::size_t> data_columns(const std::vector<std::string>& columns, const InputOptions& o) {
  std::vector<std::size_t> used;
  for (const std::string& name : o.columns) {
    ensure<ArgumentError>(!o.is_label(name), "--columns: need columns beside the label, got ", name);
    used.push_back(column_of(columns, name, o.data));
  }
  for (std::size_t c = 0; c < columns.size() && o.columns.empty(); ++c) {
    if (!columns[c].empty() && !o.is_label(columns[c])) {
      used.push_back(c);
    }
  }
  ensure<ArgumentError>(!used.empty(), o.data.string(), ": need a column beside the label, got none");
  return used;
}

/// The rows of a .csv. Other columns than those that are data may hold words.
inline Tensor<float> read_table(const InputOptions& o) {
  io::CsvReader file(o.data);
  const std::vector<std::size_t> used = data_columns(file.columns(), o);
  std::vector<float> values;
  while (file.next()) {
    for (const std::size_t c : used) {
      const std::string& cell = file.cells()[c];
      double value = 0;
      if (!io::parse_cell(cell, value) || !std::isfinite(static_cast<float>(value))) {
        engram::fail<FormatError>(o.data.string(), ": line ", file.line(), ", column ", file.columns()[c],
                                  ": need a finite number, got ", cell.empty() ? "an empty cell" : "'" + cell + "'",
                                  o.columns.empty() ? "; --columns says which columns are data" : "");
      }
      values.push_back(static_cast<float>(value));
    }
  }
  ensure<FormatError>(!values.empty(), o.data.string(), ": need rows below the names, got none");
  return Tensor<float>::from({std::ssize(values) / std::ssize(used), std::ssize(used)}, std::span<const float>(values));
}

/// The rows [N, D] that are to be embedded, each of an array's rows flattened.
/// @throws IoError, FormatError, ArgumentError naming the file, what was found and what was needed
inline Tensor<float> read_rows(const InputOptions& o) {
  const std::string extension = checked_extension(o.data);
  ensure<ArgumentError>(o.array.empty() || extension == ".npz", "--array: need data as .npz, got ", o.data.string());
  ensure<ArgumentError>(o.columns.empty() || extension == ".csv", "--columns: need data as .csv, got ",
                        o.data.string());
  if (extension == ".csv") {
    return read_table(o);
  }
  const io::Array array = extension == ".npz" ? read_array(o.data, o.array, "--array") : io::read_npy(o.data);
  Tensor<float> x = engram::naming(o.data.string(), [&] { return array.as<float>(); });
  ensure<ShapeError>(x.rank() >= 1 && x.size() > 0, o.data.string(), ": need rows [N, ...], got ", x.shape());
  const Index rows = x.dim(0);
  x = std::move(x).reshaped({rows, -1});
  for (Index i = 0; i < x.size(); ++i) {
    ensure<FormatError>(std::isfinite(x[i]), o.data.string(), ": need finite numbers, got ", x[i], " in row ",
                        i / x.dim(1), ", column ", i % x.dim(1), " (the first are 0)");
  }
  return x;
}

}  // namespace support
