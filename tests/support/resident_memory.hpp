#pragma once

#include <unistd.h>

#include <fstream>

#include <engram/core/shape.hpp>

namespace support {

/// Bytes of memory that the process has at present; 0 where the system does not say.
inline engram::Index resident_bytes() {
  std::ifstream file("/proc/self/statm");
  engram::Index all = 0;
  engram::Index resident = 0;
  file >> all >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

}  // namespace support
