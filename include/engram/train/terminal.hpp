#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <string>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/ioctl.h>
#include <unistd.h>
#endif

#include <engram/core/error.hpp>

namespace engram::train {

/// "0:07", "12:34", "1:02:03".
inline std::string clock_text(double seconds) {
  const auto total = static_cast<long>(std::lround(std::isfinite(seconds) && seconds > 0 ? seconds : 0));
  char out[40];
  if (total >= 3600) {
    std::snprintf(out, sizeof out, "%ld:%02ld:%02ld", total / 3600, total / 60 % 60, total % 60);
  } else {
    std::snprintf(out, sizeof out, "%ld:%02ld", total / 60, total % 60);
  }
  return out;
}

/// Columns of the terminal behind `file`; 0 if it is none.
inline int terminal_width(std::FILE* file) {
#if defined(__unix__) || defined(__APPLE__)
  const int descriptor = fileno(file);
  if (isatty(descriptor) == 0) {
    return 0;
  }
  winsize size{};
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
#else
  (void)file;
  return 0;
#endif
}

/// "[=====>    ]" with so many cells between the brackets.
/// @param share  0..1 that is done
inline std::string progress_bar(double share, std::size_t cells) {
  const auto filled = static_cast<std::size_t>(std::lround(share * static_cast<double>(cells)));
  std::string bar = text("[", std::string(filled, '='), std::string(cells - filled, ' '), "]");
  if (filled > 0 && filled < cells) {
    bar[filled] = '>';
  }
  return bar;
}

}  // namespace engram::train
