#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram::nn::detail {

/// "12,345,678".
inline std::string grouped(Index number) {
  std::string digits = engram::text(number);
  for (auto at = std::ssize(digits) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<std::size_t>(at), 1, ',');
  }
  return digits;
}

/// Rows of cells as lines, each column as wide as its widest cell; the last `numbers` columns are flush right.
inline std::string table(const std::vector<std::array<std::string, 5>>& rows, std::size_t numbers) {
  std::array<std::size_t, 5> widths{};
  for (const auto& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      widths[c] = std::max(widths[c], row[c].size());
    }
  }
  std::string lines;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::string space(widths[c] - row[c].size(), ' ');
      line += c == 0 ? "" : "  ";
      line += c + numbers < row.size() ? engram::text(row[c], space) : engram::text(space, row[c]);
    }
    lines += engram::text(line.substr(0, line.find_last_not_of(' ') + 1), "\n");
  }
  return lines;
}

}  // namespace engram::nn::detail
