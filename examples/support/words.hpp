#pragma once

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

}  // namespace support
