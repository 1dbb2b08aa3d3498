#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>

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
};

inline std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    out += (out.empty() ? "" : ", ") + word;
  }
  return out;
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

inline std::size_t column_of(const io::Table& table, const std::string& name, const std::filesystem::path& path) {
  const auto found = std::ranges::find(table.columns, name);
  ensure<ArgumentError>(found != table.columns.end(), path.string(), ": need one of the columns ",
                        joined(table.columns), ", got ", name);
  return static_cast<std::size_t>(found - table.columns.begin());
}

/// The array called `name`; without a name the only one there is.
inline io::Array read_array(const std::filesystem::path& path, const std::string& name, const char* option) {
  const io::NpzReader file(path);
  ensure<ArgumentError>(!name.empty() || file.names().size() == 1, path.string(), ": need ", option, ", one of ",
                        joined(file.names()));
  return file.read(name.empty() ? file.names().front() : name);
}

/// The columns of a table that are data: those named, or all but the label and the row numbers that pandas writes.
inline Tensor<float> data_columns(const io::Table& table, const InputOptions& o) {
  std::vector<std::size_t> used;
  for (const std::string& name : o.columns) {
    used.push_back(column_of(table, name, o.data));
  }
  for (std::size_t c = 0; c < table.columns.size() && o.columns.empty(); ++c) {
    const bool is_label = o.labels.empty() && table.columns[c] == o.label;
    if (!table.columns[c].empty() && !is_label) {
      used.push_back(c);
    }
  }
  ensure<ArgumentError>(!used.empty(), o.data.string(), ": need a column beside the label, got none");
  const Index width = table.values.dim(1);
  auto x = Tensor<float>::uninitialized({table.values.dim(0), std::ssize(used)});
  for (Index i = 0; i < x.size(); ++i) {
    const std::size_t c = used[static_cast<std::size_t>(i % x.dim(1))];
    const double value = table.values[i / x.dim(1) * width + static_cast<Index>(c)];
    x[i] = static_cast<float>(value);
    ensure<FormatError>(std::isfinite(x[i]), o.data.string(), ": need finite numbers, got ",
                        std::isnan(value) ? "nan or an empty cell" : engram::text(value), " in row ", i / x.dim(1),
                        " (the first is 0), column ", table.columns[c]);
  }
  return x;
}

/// The rows [N, D] that are to be embedded, each of an array's rows flattened.
/// @throws IoError, FormatError, ArgumentError naming the file, what was found and what was needed
inline Tensor<float> read_rows(const InputOptions& o) {
  const std::string extension = checked_extension(o.data);
  ensure<ArgumentError>(o.array.empty() || extension == ".npz", "--array: need data as .npz, got ", o.data.string());
  ensure<ArgumentError>(o.columns.empty() || extension == ".csv", "--columns: need data as .csv, got ",
                        o.data.string());
  if (extension == ".csv") {
    const io::Table table = io::read_csv(o.data);
    ensure<FormatError>(table.values.dim(0) > 0, o.data.string(), ": need rows below the names, got none");
    return data_columns(table, o);
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
