#pragma once

#include <cstdio>

#include <CLI/CLI.hpp>

#include <engram/analysis/time_shifts.hpp>
#include <engram/core/error.hpp>

namespace support {

/// How many shifts of labels in time: the number of --shifts, or where it is the default, fewer if there are no more.
/// @throws ArgumentError if more were asked for than there are
inline engram::Index shift_count(const CLI::App& app, engram::Index wanted, engram::Index frames) {
  const engram::Index most = engram::analysis::most_time_shifts(frames, engram::analysis::default_min_shift(frames));
  engram::ensure<engram::ArgumentError>(wanted <= most || app.count("--shifts") == 0, "--shifts: need at most ", most,
                                        ", as ", frames, " frames have no more, got ", wanted);
  if (wanted > most) {
    std::printf("%td shifts of the labels in time, not %td: %td frames have no more\n", most, wanted, frames);
    return most;
  }
  return wanted;
}

}  // namespace support
