#pragma once

#include <sys/resource.h>

#include <fstream>
#include <string>

namespace engram_bench {

/// The most memory that the process has held so far, in MiB. Not getrusage's figure, which begins with what the process
/// held that started this one.
inline double peak_mebibytes() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kibibytes = 0;
    if (word == "VmHWM:" && status >> kibibytes) {
      return kibibytes / 1024;
    }
  }
  return 0;
}

/// Pages that the process touched for the first time, so far, without reading from a disk.
inline long page_faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

}  // namespace engram_bench
