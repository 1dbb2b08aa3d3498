#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iterator>
#include <limits>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/umap/supervised.hpp>
#include <engram/io/csv.hpp>
#include <engram/io/npy.hpp>
#include <engram/io/npz.hpp>
#include <engram/plot/point_colors.hpp>

#include "support/embed_input.hpp"

namespace support {

/// What is known about each row.
struct Label {
  Tensor<double> values = {};           ///< [N], NaN where unknown
  std::vector<std::string> names = {};  ///< of the values 0, 1, ... if they stand for words
  std::string title = {};
  bool single = false;            ///< the values were floats, which have fewer digits
  std::vector<Index> lines = {};  ///< of the .csv, one for each row

  /// "line 7" of a .csv, "row 5 (the first is 0)" of other files.
  std::string place(Index row) const {
    return lines.empty() ? engram::text("row ", row, " (the first is 0)")
                         : engram::text("line ", lines[static_cast<std::size_t>(row)]);
  }
  /// The word or number of a row; empty if it is unknown.
  std::string words(Index row) const {
    const double value = values[row];
    return std::isnan(value) ? std::string()
           : !names.empty()  ? names[static_cast<std::size_t>(value)]
           : single          ? engram::text(static_cast<float>(value))
                             : engram::text(value);
  }
};

/// Words as numbers, in the order of the alphabet; empty ones are unknown.
inline Label number_words(const std::vector<std::string>& words) {
  Label label{.values = Tensor<double>::uninitialized({std::ssize(words)}), .names = words};
  std::erase(label.names, std::string());
  std::ranges::sort(label.names);
  label.names.erase(std::unique(label.names.begin(), label.names.end()), label.names.end());
  for (std::size_t i = 0; i < words.size(); ++i) {
    label.values[static_cast<Index>(i)] =
        words[i].empty() ? std::numeric_limits<double>::quiet_NaN()
                         : static_cast<double>(std::ranges::lower_bound(label.names, words[i]) - label.names.begin());
  }
  return label;
}

/// One column of the arrays `labels` [N, L] and `columns` [L], as make_arena writes them.
inline std::optional<Label> column_of_labels(const io::NpzReader& file, const std::string& name) {
  if (name.empty() || file.contains(name) || !file.contains("labels") || !file.contains("columns")) {
    return std::nullopt;
  }
  const io::Array labels = file.read("labels");
  const io::Table table{.columns = file.read("columns").strings, .values = labels.as<double>()};
  ensure<ShapeError>(table.values.rank() == 2 && table.values.dim(1) == std::ssize(table.columns), file.path().string(),
                     ": need labels [N, ", table.columns.size(), "] as there are columns, got ", table.values.shape());
  column_of(table.columns, name, file.path());
  return Label{.values = table.column(name), .single = labels.dtype == io::DType::f32};
}

/// A column of a .csv: numbers, or, unless numbers are asked for, words if any of its cells is no number.
inline Label read_column(const InputOptions& o) {
  io::CsvReader file(o.label_file());
  ensure<ArgumentError>(!o.label.empty() || file.columns().size() == 1, o.label_file().string(),
                        ": need --label, one of ", joined(file.columns()));
  const std::size_t c = o.label.empty() ? 0 : column_of(file.columns(), o.label, o.label_file());
  const bool may_be_words = o.label_kind == "auto" || o.label_kind == "categorical";
  bool are_words = false;
  std::vector<double> numbers;
  std::vector<std::string> words;
  std::vector<Index> lines;
  while (file.next()) {
    double value = 0;
    const bool word = may_be_words && !io::parse_cell(file.cells()[c], value);
    numbers.push_back(word ? 0 : file.number(c));
    words.push_back(std::isnan(numbers.back()) ? std::string() : file.cells()[c]);
    lines.push_back(file.line());
    are_words = are_words || word;
  }
  const auto plain = Tensor<double>::from({std::ssize(numbers)}, std::span<const double>(numbers));
  Label label = are_words ? number_words(words) : Label{.values = plain};
  label.lines = std::move(lines);
  return label;
}

/// The label of each of the rows.
/// @throws IoError, FormatError, ArgumentError naming the file, what was found and what was needed
inline Label read_label(const InputOptions& o, Index rows) {
  const std::filesystem::path& path = o.label_file();
  const std::string extension = checked_extension(path);
  Label label;
  if (extension == ".csv") {
    label = read_column(o);
  } else if (std::optional<Label> column;
             extension == ".npz" && (column = column_of_labels(io::NpzReader(path), o.label))) {
    label = std::move(*column);
  } else {
    ensure<ArgumentError>(extension == ".npz" || !o.labels.empty(), "--label: need --labels with data as .npy");
    const io::Array array = extension == ".npz" ? read_array(path, o.label, "--label") : io::read_npy(path);
    if (array.dtype == io::DType::text) {
      label = number_words(array.strings);
    } else {
      label.single = array.dtype == io::DType::f32;
      label.values = engram::naming(path.string(), [&] { return array.as<double>(); });
    }
    ensure<ShapeError>(
        array.shape == engram::Shape{array.shape.size()} || array.shape == engram::Shape{array.shape.size(), 1},
        path.string(), ": need labels [N], got ", array.shape);
  }
  label.title = o.label.empty() ? path.stem().string() : o.label;
  label.values = std::move(label.values).reshaped({-1});
  ensure<ShapeError>(label.values.size() == rows, path.string(), ": need ", counted(rows, "label"),
                     ", one for each row of ", o.data.string(), ", got ", label.values.size());
  for (Index i = 0; i < rows; ++i) {
    ensure<FormatError>(!std::isinf(label.values[i]), path.string(), ": need finite labels, or nan where unknown, got ",
                        label.values[i], " in ", label.place(i));
  }
  return label;
}

/// The label's distinct values, in ascending order.
inline std::vector<double> distinct(const Label& label) {
  std::vector<double> values;
  std::ranges::copy_if(label.values.elements(), std::back_inserter(values), [](double v) { return !std::isnan(v); });
  std::ranges::sort(values);
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

/// What kind of label it is, and so what colours points: words and up to 20 whole numbers are categories.
inline engram::plot::PointColors label_colors(const Label& label, const InputOptions& o) {
  const std::vector<double> values = distinct(label);
  const bool few = values.size() <= 20 && std::ranges::all_of(values, [](double v) { return std::trunc(v) == v; });
  const bool words = !label.names.empty();
  ensure<ArgumentError>(!words || o.label_kind == "auto" || o.label_kind == "categorical",
                        "--label-kind: need categorical for labels that are words, got ", o.label_kind);
  if (words || o.label_kind == "categorical" || (o.label_kind == "auto" && few)) {
    return engram::plot::CategoricalColors{.labels = label.values, .names = label.names, .title = label.title};
  }
  if (o.label_kind == "circular") {
    const double turn = 2 * std::numbers::pi;
    const double largest = values.empty() ? 0 : std::max(-values.front(), values.back());
    ensure<ArgumentError>(o.period || largest <= turn * (1 + 1e-6), "--period: need it, such as 360, as ", label.title,
                          " has values beyond 2 pi, got none and ", largest);
    return engram::plot::CircularColors{
        .values = label.values, .period = o.period.value_or(turn), .title = label.title, .clockwise = true};
  }
  return engram::plot::ContinuousColors{.values = label.values, .title = label.title};
}

/// What supervises a UMAP.
/// @throws ArgumentError if a number or direction is unknown
inline engram::embed::Target label_target(const Label& label, const InputOptions& o, double weight) {
  const engram::plot::PointColors kind = label_colors(label, o);
  const bool categories = std::holds_alternative<engram::plot::CategoricalColors>(kind);
  for (Index i = 0; i < label.values.size() && !categories; ++i) {
    ensure<ArgumentError>(!std::isnan(label.values[i]), "--supervised: need a number in each row of ", label.title,
                          ", got nan in ", label.place(i), "; only categories may be unknown");
  }
  if (categories) {
    const std::vector<double> values = distinct(label);
    auto codes = Tensor<std::int32_t>::full(label.values.shape(), -1);
    for (Index i = 0; i < codes.size(); ++i) {
      if (!std::isnan(label.values[i])) {
        codes[i] = static_cast<std::int32_t>(std::ranges::lower_bound(values, label.values[i]) - values.begin());
      }
    }
    return engram::embed::CategoricalTarget{.labels = std::move(codes), .target_weight = weight};
  }
  if (o.label_kind == "circular") {
    Tensor<double> angles = label.values;
    for (double& angle : angles.elements()) {
      angle *= 2 * std::numbers::pi / std::get<engram::plot::CircularColors>(kind).period;
    }
    return engram::embed::CircularTarget{.angles = std::move(angles), .target_weight = weight};
  }
  return engram::embed::ContinuousTarget{.values = label.values, .target_weight = weight};
}

}  // namespace support
