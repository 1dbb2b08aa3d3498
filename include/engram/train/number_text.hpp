#pragma once

#include <cstdio>
#include <string>

namespace engram::train::detail {

/// Four significant digits.
inline std::string number_text(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%.4g", value);
  return out;
}

}  // namespace engram::train::detail
