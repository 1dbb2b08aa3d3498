#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// "a, b, c".
inline std::string joined(const std::vector<std::string>& words, std::string_view separator = ", ") {
  std::string out;
  for (const std::string& word : words) {
    out += out.empty() ? "" : separator;
    out += word;
  }
  return out;
}

/// A column's name as that of a file: what is no letter, digit, dot, dash or underscore of ASCII becomes "_", and so
/// does a dot in front.
inline std::string file_name_of(std::string column) {
  std::ranges::replace_if(
      column,
      [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !letter && !(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '_';
      },
      '_');
  if (column.starts_with('.')) {
    column.front() = '_';
  }
  return column;
}

}  // namespace support
