// Tables of a report.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/io/csv.hpp>

#include "support/report/html.hpp"

namespace support {

struct ReportTable {
  std::string caption;
  std::vector<std::string> columns;            ///< [C]
  std::vector<std::vector<std::string>> rows;  ///< [R][C]
};

/// A number to four significant digits: 0.8123, 31.25, 20000.
inline std::string short_number(double value) {
  const double size = std::abs(value);
  char digits[40];
  std::snprintf(digits, sizeof digits, size >= 1e4 && size < 1e9 ? "%.0f" : "%.4g", value);
  return digits;
}

/// A table as it stands in a file, its numbers short; whole numbers and words stay as they are.
/// @throws IoError, FormatError naming the file and what is wrong with it
inline ReportTable table_from_csv(const std::filesystem::path& file, const std::string& caption) {
  engram::io::CsvReader reader(file);
  ReportTable table{.caption = caption, .columns = reader.columns(), .rows = {}};
  while (reader.next()) {
    std::vector<std::string>& row = table.rows.emplace_back(reader.cells());
    for (std::string& cell : row) {
      double value = 0;
      if (engram::io::parse_cell(cell, value) && std::isfinite(value) && cell.find_first_of(".eE") != cell.npos) {
        cell = short_number(value);
      }
    }
  }
  return table;
}

namespace detail {

/// True if a cell reads as an amount: "12", "-0.3", "< 0.001", "31.2 dB", "0.81 ± 0.02".
inline bool begins_with_number(std::string_view cell) {
  const std::size_t at = cell.find_first_not_of("<>=~+-. ");
  return at != cell.npos && cell[at] >= '0' && cell[at] <= '9';
}

/// True if each cell of the column is a number or empty, and not all are empty.
inline bool holds_numbers(const ReportTable& table, std::size_t column) {
  bool found = false;
  for (const auto& row : table.rows) {
    if (!row[column].empty() && !begins_with_number(row[column])) {
      return false;
    }
    found = found || !row[column].empty();
  }
  return found;
}

}  // namespace detail

/// @throws ShapeError unless each row has a cell for each column
inline std::string html_table(const ReportTable& table) {
  std::string head;
  std::vector<std::string> cell_tags;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    for (const auto& row : table.rows) {
      engram::ensure<engram::ShapeError>(row.size() == table.columns.size(), "table '", table.caption, "': need ",
                                         table.columns.size(), " cells in each row, got ", row.size());
    }
    const std::string_view kind = detail::holds_numbers(table, c) ? " class=\"number\"" : "";
    head += engram::text("<th scope=\"col\"", kind, ">", html_text(table.columns[c]), "</th>");
    cell_tags.push_back(engram::text("<td", kind, ">"));
  }
  std::string body;
  for (const auto& row : table.rows) {
    body += "<tr>";
    for (std::size_t c = 0; c < row.size(); ++c) {
      body += engram::text(cell_tags[c], html_text(row[c]), "</td>");
    }
    body += "</tr>\n";
  }
  const std::string caption =
      table.caption.empty() ? "" : engram::text("<figcaption>", html_text(table.caption), "</figcaption>");
  return engram::text("<figure class=\"table\">", caption, "<div class=\"scrolled\" tabindex=\"0\"><table><thead><tr>",
                      head, "</tr></thead>\n<tbody>\n", body, "</tbody></table></div></figure>\n");
}

}  // namespace support
