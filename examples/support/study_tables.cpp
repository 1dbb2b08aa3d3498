#include "support/study_tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>

#include <engram/core/error.hpp>
#include <engram/io/csv.hpp>

namespace support {

namespace {

std::size_t place_of(const std::vector<std::string>& columns, const std::string& column) {
  return static_cast<std::size_t>(std::ranges::find(columns, column) - columns.begin());
}

}  // namespace

StudyTable::StudyTable(const std::filesystem::path& file) {
  engram::io::CsvReader reader(file);
  columns = reader.columns();
  while (reader.next()) {
    rows.push_back(reader.cells());
  }
}

double StudyTable::number(const std::vector<std::string>& key, const std::string& column) const {
  const std::size_t at = place_of(columns, column);
  for (const auto& row : rows) {
    double value = 0;
    if (at < row.size() && std::equal(key.begin(), key.end(), row.begin()) && engram::io::parse_cell(row[at], value)) {
      return value;
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

std::string spread(std::vector<double> values, int digits) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) {
    return "";
  }
  std::ranges::sort(values);
  const auto words = [digits](double value) {
    char out[40];
    std::snprintf(out, sizeof out, "%.*f", digits, value);
    return std::string(out);
  };
  const std::string middle = words((values[(values.size() - 1) / 2] + values[values.size() / 2]) / 2);
  return values.size() == 1 ? middle : middle + " (" + words(values.front()) + " to " + words(values.back()) + ")";
}

ReportTable joint_table(const std::vector<std::filesystem::path>& files, std::size_t keys,
                        const std::vector<std::pair<std::string, std::string>>& columns, const std::string& caption) {
  std::vector<StudyTable> tables;
  for (const auto& file : files) {
    tables.emplace_back(file);
  }
  const StudyTable& first = tables.front();
  ReportTable joint{.caption = caption, .columns = {}, .rows = {}};
  std::vector<std::string> shown;
  for (const auto& [column, heading] : columns) {
    if (place_of(first.columns, column) < first.columns.size()) {
      shown.push_back(column);
      joint.columns.push_back(heading);
    }
  }
  for (const auto& row : first.rows) {
    const std::vector<std::string> key(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(keys));
    std::vector<std::string>& cells = joint.rows.emplace_back();
    for (const std::string& column : shown) {
      const std::size_t at = place_of(first.columns, column);
      std::vector<double> values;
      for (const StudyTable& table : tables) {
        values.push_back(table.number(key, column));
      }
      double size = 0;
      bool whole = true;
      for (const double value : values) {
        size = std::isnan(value) ? size : std::max(size, std::abs(value));
        whole = whole && value == std::round(value);
      }
      cells.push_back(at < keys ? row[at] : spread(values, whole ? 0 : size < 2 ? 3 : size < 100 ? 1 : 0));
    }
  }
  return joint;
}

}  // namespace support
