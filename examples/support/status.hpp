// What a program shows while it works.
#pragma once

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <utility>

#include <engram/core/shape.hpp>

namespace support {

using engram::Index;

/// Seconds since the last call.
class Stopwatch {
 public:
  double lap() {
    const auto now = Clock::now();
    return std::chrono::duration<double>(now - std::exchange(last_, now)).count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point last_ = Clock::now();
};

/// A line on the terminal that says what is going on; on anything else, nothing.
class Status {
 public:
  ~Status() { show(""); }
  void show(const std::string& words) {
    if (terminal_) {
      std::fprintf(stderr, "\r\033[K%s", words.c_str());
      std::fflush(stderr);
    }
  }
  /// "epoch 120/500  24%  0:03 left", at most ten times a second.
  void show_share(const char* what, Index done, Index all, double seconds) {
    if (terminal_ && (seconds >= shown_ + 0.1 || seconds < shown_)) {
      shown_ = seconds;
      const double share = static_cast<double>(done) / static_cast<double>(all);
      const auto left = static_cast<long>(seconds / share * (1 - share) + 0.5);
      char line[96];
      std::snprintf(line, sizeof line, "%s %td/%td  %.0f%%  %ld:%02ld left", what, done, all, 100 * share, left / 60,
                    left % 60);
      show(line);
    }
  }

 private:
  bool terminal_ = isatty(STDERR_FILENO) != 0;
  double shown_ = 0;
};

}  // namespace support
