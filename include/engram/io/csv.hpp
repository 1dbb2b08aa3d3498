#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/parse_number.hpp>
#include <engram/core/tensor.hpp>
#include <engram/io/array.hpp>
#include <engram/io/atomic_file.hpp>
#include <engram/io/file.hpp>

namespace engram::io {

/// Numbers under named columns.
struct Table {
  std::vector<std::string> columns;  ///< [C]
  Tensor<double> values;             ///< [rows, C]; NaN where a cell is empty

  /// The values of one column, [rows].
  /// @throws ArgumentError for an unknown name
  Tensor<double> column(std::string_view name) const {
    const auto found = std::ranges::find(columns, name);
    ensure<ArgumentError>(found != columns.end(), "need a column called ", name, ", got ",
                          detail::name_list(columns, 12));
    auto out = Tensor<double>::uninitialized({values.dim(0)});
    for (Index i = 0; i < out.size(); ++i) {
      out[i] = values[i * values.dim(1) + (found - columns.begin())];
    }
    return out;
  }
};

namespace detail {

inline std::string_view trimmed(std::string_view s) {
  constexpr std::string_view blank = " \t\r";
  const std::size_t begin = s.find_first_not_of(blank);
  return begin == std::string_view::npos ? std::string_view() : s.substr(begin, s.find_last_not_of(blank) - begin + 1);
}

/// The cells of one line; a quoted cell may hold commas and doubled quotes, but no line break.
/// @returns false for a quote that is not closed
inline bool split_csv(std::string_view line, std::vector<std::string>& cells) {
  cells.clear();
  for (;;) {
    line = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
    std::string cell;
    if (line.starts_with('"')) {
      std::size_t end = 1;
      while (end < line.size() && (line[end] != '"' || line.substr(end).starts_with("\"\""))) {
        cell += line[end];
        end += line[end] == '"' ? 2 : 1;
      }
      line.remove_prefix(end);
      if (line.empty() || !trimmed(line.substr(1, line.find(',') - 1)).empty()) {
        return false;
      }
    } else {
      cell = trimmed(line.substr(0, line.find(',')));
    }
    cells.push_back(std::move(cell));
    const std::size_t comma = line.find(',');
    if (comma == std::string_view::npos) {
      return true;
    }
    line.remove_prefix(comma + 1);
  }
}

}  // namespace detail

/// The number in a cell; NaN for an empty one, "nan" and "NA". @returns false for anything else
inline bool parse_cell(std::string_view cell, double& value) {
  value = std::numeric_limits<double>::quiet_NaN();
  if (cell.empty() || cell == "NA") {
    return true;
  }
  if (cell.front() == '+' && !cell.starts_with("+-")) {
    cell.remove_prefix(1);
  }
  return parse_number(cell, value);
}

/// Comma-separated text, line by line; blank lines are left out.
class CsvLines {
 public:
  /// @throws IoError if the file cannot be read, FormatError for UTF-16
  explicit CsvLines(const std::filesystem::path& path) : source_(path.string()), content_(read_text(path)) {
    ensure<FormatError>(!content_.starts_with("\xFF\xFE") && !content_.starts_with("\xFE\xFF"), source_,
                        ": need text in UTF-8, got UTF-16");
    at_ = content_.starts_with("\xEF\xBB\xBF") ? 3 : 0;  // byte order mark
  }
  /// Goes on to the next line; false after the last one.
  /// @throws FormatError for a quote that is not closed, or a first line of semicolons without commas
  bool next() {
    std::string_view line;
    while (line.empty() && at_ < content_.size()) {
      const std::size_t end = std::min(content_.find('\n', at_), content_.size());
      line = detail::trimmed(std::string_view(content_).substr(at_, end - at_));
      at_ = end + 1;
      ++line_;
    }
    const bool closed = line.empty() || detail::split_csv(line, cells_);
    const bool quoted = closed && line.starts_with('"');
    const bool semicolons = !quoted && line.find(';') != line.npos && line.find(',') == line.npos;
    ensure<FormatError>(!semicolons || !first_, source_, ": need names separated by commas, got semicolons");
    ensure<FormatError>(closed, source_, ": line ", line_, ": need closed quotes");
    first_ = false;
    return !line.empty();
  }
  const std::string& source() const { return source_; }
  /// The line's cells, and its number in the file, from 1 on.
  const std::vector<std::string>& cells() const { return cells_; }
  Index line() const { return line_; }

 private:
  std::string source_;
  std::string content_;
  std::size_t at_ = 0;
  Index line_ = 0;
  bool first_ = true;
  std::vector<std::string> cells_;
};

/// Comma-separated text, row by row, whose first line names the columns; the first name may be empty. Blank lines are
/// no rows.
class CsvReader {
 public:
  /// @throws IoError, FormatError naming the file and what is wrong with the names
  explicit CsvReader(const std::filesystem::path& path) : lines_(path) {
    const std::string& source = lines_.source();
    ensure<FormatError>(lines_.next(), source, ": need a first line that names the columns, got an empty file");
    columns_ = lines_.cells();
    double number = 0;
    for (const std::string& name : columns_) {
      const bool index = name.empty() && &name == &columns_.front() && columns_.size() > 1;  // as pandas writes it
      ensure<FormatError>(index || (!name.empty() && !parse_cell(name, number)), source,
                          ": need a first line that names the columns, got '", name, "' in it");
    }
    naming(source, [&] { detail::check_different(columns_); });
  }
  const std::vector<std::string>& columns() const { return columns_; }
  /// Goes on to the next row; false after the last one.
  /// @throws FormatError unless it has one cell for each column
  bool next() {
    const bool more = lines_.next();
    ensure<FormatError>(!more || cells().size() == columns_.size(), lines_.source(), ": line ", line(), ": need ",
                        columns_.size(), columns_.size() == 1 ? " cell, got " : " cells, got ", cells().size());
    return more;
  }
  /// The row's cells, one for each column, and its line in the file, from 1 on.
  const std::vector<std::string>& cells() const { return lines_.cells(); }
  Index line() const { return lines_.line(); }
  /// The number in one of the cells, see parse_cell.
  /// @throws FormatError if it is none
  double number(std::size_t column) const {
    double value = 0;
    ensure<FormatError>(parse_cell(cells()[column], value), lines_.source(), ": line ", line(), ", column ",
                        columns_[column], ": need a number, got '", cells()[column], "'");
    return value;
  }

 private:
  CsvLines lines_;
  std::vector<std::string> columns_;
};

/// A table of numbers, see CsvReader.
/// @throws IoError, FormatError naming the file, the line, the column and what was found there
inline Table read_csv(const std::filesystem::path& path) {
  CsvReader file(path);
  std::vector<double> values;
  while (file.next()) {
    for (std::size_t c = 0; c < file.columns().size(); ++c) {
      values.push_back(file.number(c));
    }
  }
  const Index columns = std::ssize(file.columns());
  return {.columns = file.columns(), .values = Tensor<double>::from({std::ssize(values) / columns, columns}, values)};
}

/// A cell as it is written: in quotes where commas, quotes, line breaks or blanks around it would be lost.
inline std::string csv_cell(std::string_view cell) {
  if (cell.find_first_of(",;\"\n\r") == cell.npos && detail::trimmed(cell) == cell) {
    return std::string(cell);
  }
  std::string out = "\"";
  for (const char letter : cell) {
    out += letter == '"' ? "\"\"" : std::string(1, letter);
  }
  return out + '"';
}

/// Writes a table so that read_csv gives back the same numbers; atomic, see AtomicFile.
/// @throws ShapeError unless there is one name per column, ArgumentError for a name with line breaks, IoError naming
/// the file and the reason
inline void write_csv(const std::filesystem::path& path, const Table& table) {
  ensure<ShapeError>(table.values.rank() == 2 && table.values.dim(1) == std::ssize(table.columns),
                     "write_csv: need values [rows, ", table.columns.size(), "], got ", table.values.shape());
  std::string out;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    ensure<ArgumentError>(table.columns[c].find_first_of("\n\r") == std::string::npos,
                          "write_csv: need names of one line, got line breaks in that of column ", c);
    out += text(c == 0 ? "" : ",", csv_cell(table.columns[c]));
  }
  for (Index i = 0; i < table.values.size(); ++i) {
    out += i % table.values.dim(1) == 0 ? '\n' : ',';
    const double value = table.values[i];
    out += value == value ? text(value) : table.columns.size() == 1 ? "nan" : "";  // an empty line would be no row
  }
  write_atomically(path, out + "\n");
}

}  // namespace engram::io
