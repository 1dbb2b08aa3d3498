// Tells which part of a study runs, and how long the rest takes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/train/terminal.hpp>

#include "support/study_parts.hpp"

namespace support {

/// Times are foreseen by the parts' costs, in proportion to how long those took that are done. On a terminal it is a
/// line that is redrawn; elsewhere there is a line for each part.
class StudyProgress {
 public:
  explicit StudyProgress(const std::vector<StudyPart>& parts) : parts_(parts), done_(parts.size()) {}

  void begin(std::size_t part) {
    part_ = part;
    if (!on_terminal()) {
      std::fprintf(stderr, "[%zu/%zu] %s; about %s left\n", part + 1, parts_.size(), parts_[part].what.c_str(),
                   engram::train::clock_text(seconds_left(0)).c_str());
    }
  }
  /// @param seconds  since the part began
  void show(double seconds) const {
    if (const int width = engram::train::terminal_width(stderr); width > 0) {
      std::fprintf(stderr, "\r\033[K%s", line(seconds, width).c_str());
      std::fflush(stderr);
    }
  }
  /// A line that stays.
  void end(double seconds) {
    set_done(part_, seconds);
    clear();
    if (on_terminal()) {
      std::fprintf(stderr, "%s: %s\n", parts_[part_].what.c_str(), engram::train::clock_text(seconds).c_str());
    }
  }
  /// A part that need not run, and took so many seconds in an earlier run.
  void set_done(std::size_t part, double seconds) {
    done_[part] = true;
    taken_ += seconds;
    foreseen_ += seconds > 0 ? parts_[part].cost : 0;
  }
  void clear() const {
    if (on_terminal()) {
      std::fprintf(stderr, "\r\033[K");
    }
  }

 private:
  static bool on_terminal() { return engram::train::terminal_width(stderr) > 0; }

  /// How much longer a part takes than its cost says. At first, little is known.
  double pace() const { return (taken_ + 20) / (foreseen_ + 20); }

  double seconds_left(double seconds) const {
    double costs = std::max(parts_[part_].cost * pace() - seconds, 0.0);
    for (std::size_t part = part_ + 1; part < parts_.size(); ++part) {
      costs += done_[part] ? 0 : parts_[part].cost * pace();
    }
    return costs;
  }

  std::string line(double seconds, int width) const {
    const double left = seconds_left(seconds);
    const double share = (taken_ + seconds) / (taken_ + seconds + left);
    char percent[16];
    std::snprintf(percent, sizeof percent, " %3.0f%%  ", 100 * share);
    std::string words = engram::text(percent, "part ", part_ + 1, " of ", parts_.size(), ", ", parts_[part_].what,
                                     "  about ", engram::train::clock_text(left), " left");
    const int room = std::min(24, width - 3 - static_cast<int>(words.size()));
    if (room >= 5) {
      words = engram::train::progress_bar(share, static_cast<std::size_t>(room)) + words;
    }
    return words.substr(0, static_cast<std::size_t>(std::max(1, width - 1)));
  }

  const std::vector<StudyPart>& parts_;
  std::vector<bool> done_;
  std::size_t part_ = 0;
  double taken_ = 0;     ///< seconds, of the parts that are done
  double foreseen_ = 0;  ///< what their costs are
};

}  // namespace support
