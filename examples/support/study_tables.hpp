// Tables of a study: one for each seed, and what they are together.
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "support/report/table.hpp"

namespace support {

/// A .csv whose first columns are words that name a row.
struct StudyTable {
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;

  /// Reads a file that a part of the study wrote.
  explicit StudyTable(const std::filesystem::path& file);

  /// The number in a column of the row whose first cells are `key`; NaN if there is none.
  double number(const std::vector<std::string>& key, const std::string& column) const;
};

/// Numbers of several seeds: "25.7 (25.5 to 25.9)", the median and the range; one alone as it is.
std::string spread(std::vector<double> values, int digits);

/// The tables of all seeds in one, for the report: each number with its spread. Rows are those of the first.
/// @param columns  to show, with their headings; those that are not in the files are left out
/// @param keys     how many of the first of them are words
ReportTable joint_table(const std::vector<std::filesystem::path>& files, std::size_t keys,
                        const std::vector<std::pair<std::string, std::string>>& columns, const std::string& caption);

}  // namespace support
