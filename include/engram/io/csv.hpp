#pragma once

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <filesystem>
#include <limits>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
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
    ensure<ArgumentError>(found != columns.end(), "need a column called ", name, ", got ", columns.size(), " others");
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
    if (!line.empty() && line.front() == '"') {
      line.remove_prefix(1);
      for (;; line.remove_prefix(1)) {
        if (line.empty()) {
          return false;
        }
        if (line.front() == '"') {
          line.remove_prefix(1);
          if (line.empty() || line.front() != '"') {
            break;
          }
        }
        cell += line.front();
      }
      if (!trimmed(line.substr(0, line.find(','))).empty()) {
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

/// A number, or NaN for an empty cell, "nan" and "NA". @returns false for anything else
inline bool parse_cell(std::string_view cell, double& value) {
  value = std::numeric_limits<double>::quiet_NaN();
  if (cell.empty() || cell == "NA") {
    return true;
  }
  if (cell.front() == '+' && !cell.starts_with("+-")) {
    cell.remove_prefix(1);
  }
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc() && end == cell.data() + cell.size();
}

}  // namespace detail

/// A table from comma-separated text whose first line names the columns; the first name may be empty.
/// @throws IoError, FormatError naming the file, the line, the column and what was found there
inline Table read_csv(const std::filesystem::path& path) {
  const std::string content = read_text(path);
  std::string_view rest = content;
  if (rest.starts_with("\xEF\xBB\xBF")) {
    rest.remove_prefix(3);  // byte order mark
  }
  const std::string source = path.string();
  Table table;
  std::vector<std::string> cells;
  std::vector<double> values;
  double value = 0;
  for (Index line_number = 1; !rest.empty(); ++line_number) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = detail::trimmed(rest.substr(0, end));
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.empty()) {
      continue;
    }
    ensure<FormatError>(detail::split_csv(line, cells), source, ": line ", line_number, ": need closed quotes");
    if (table.columns.empty()) {
      for (const std::string& name : cells) {
        const bool index = name.empty() && &name == &cells.front() && cells.size() > 1;  // as pandas writes it
        ensure<FormatError>(index || (!name.empty() && !detail::parse_cell(name, value)), source,
                            ": need a first line that names the columns, got '", name, "' in it");
      }
      table.columns = cells;
      continue;
    }
    ensure<FormatError>(cells.size() == table.columns.size(), source, ": line ", line_number, ": need ",
                        table.columns.size(), " cells, got ", cells.size());
    for (std::size_t c = 0; c < cells.size(); ++c) {
      ensure<FormatError>(detail::parse_cell(cells[c], value), source, ": line ", line_number, ", column ",
                          table.columns[c], ": need a number, got '", cells[c], "'");
      values.push_back(value);
    }
  }
  ensure<FormatError>(!table.columns.empty(), source, ": need a first line that names the columns, got an empty file");
  const Index columns = std::ssize(table.columns);
  table.values = Tensor<double>::from({std::ssize(values) / columns, columns}, values);
  return table;
}

/// Writes a table so that read_csv gives back the same numbers; atomic, see AtomicFile.
/// @throws ShapeError unless there is one name per column, IoError naming the file and the reason
inline void write_csv(const std::filesystem::path& path, const Table& table) {
  ensure<ShapeError>(table.values.rank() == 2 && table.values.dim(1) == std::ssize(table.columns),
                     "write_csv: need values [rows, ", table.columns.size(), "], got ", table.values.shape());
  std::string out;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const std::string& name = table.columns[c];
    out += c == 0 ? "" : ",";
    if (name.find_first_of(",\"") == std::string::npos) {
      out += name;
      continue;
    }
    out += '"';
    for (const char letter : name) {
      out += letter == '"' ? std::string("\"\"") : std::string(1, letter);
    }
    out += '"';
  }
  for (Index i = 0; i < table.values.size(); ++i) {
    out += i % table.values.dim(1) == 0 ? '\n' : ',';
    const double value = table.values[i];
    out += value == value ? text(value) : table.columns.size() == 1 ? "nan" : "";  // an empty line would be no row
  }
  write_atomically(path, out + "\n");
}

}  // namespace engram::io
