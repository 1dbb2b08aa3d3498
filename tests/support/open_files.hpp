#pragma once

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace support {

/// Number of this process's open file descriptors.
inline std::ptrdiff_t open_files() {
  return std::distance(std::filesystem::directory_iterator("/dev/fd"), std::filesystem::directory_iterator());
}

}  // namespace support
