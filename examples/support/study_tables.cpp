#include "support/study_tables.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

#include <engram/core/error.hpp>
#include <engram/io/csv.hpp>

namespace support {

namespace {

std::size_t place_of(const std::vector<std::string>& columns, const std::string& column) {
  return static_cast<std::size_t>(std::ranges::find(columns, column) - columns.begin());
}

/// Decimals that suit numbers side by side: none for whole ones or hundreds, 3 for those below 2.
int decimals_for(const std::vector<std::vector<double>>& numbers) {
  double size = 0;
  bool whole = true;
  for (const auto& of_seeds : numbers) {
    for (const double value : of_seeds) {
      size = std::isnan(value) ? size : std::max(size, std::abs(value));
      whole = whole && (std::isnan(value) || value == std::round(value));
    }
  }
  return whole || size >= 100 ? 0 : size < 2 ? 3 : 1;
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
  joint.rows.resize(first.rows.size());
  const std::size_t label = place_of(first.columns, "label");  // scores of one label are compared, of others are not
  for (const std::string& column : shown) {
    const std::size_t at = place_of(first.columns, column);
    std::vector<std::vector<double>> of_rows;
    std::map<std::string, std::vector<std::vector<double>>> of_labels;
    for (const auto& row : first.rows) {
      const std::vector<std::string> key(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(keys));
      std::vector<double>& values = of_rows.emplace_back();
      for (const StudyTable& table : tables) {
        values.push_back(table.number(key, column));
      }
      of_labels[label < row.size() ? row[label] : std::string()].push_back(values);
    }
    for (std::size_t i = 0; i < of_rows.size(); ++i) {
      const auto& row = first.rows[i];
      const int decimals = decimals_for(of_labels[label < row.size() ? row[label] : std::string()]);
      joint.rows[i].push_back(at < keys ? row[at] : spread(of_rows[i], decimals));
    }
  }
  return joint;
}

}  // namespace support
