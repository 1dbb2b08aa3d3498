#pragma once

#include <stdlib.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

/// Writes a file, without io::AtomicFile's wait for the disk.
inline void write_file(const std::filesystem::path& path, std::string_view content) {
  std::filesystem::remove(path);  // some file systems write an overwritten file to the disk at once
  std::ofstream file(path, std::ios::binary);
  file.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!file.flush()) {
    throw std::runtime_error(path.string() + ": cannot be written");
  }
}

/// Writes a shell script that can be run as a program.
inline void write_program(const std::filesystem::path& path, std::string_view script) {
  write_file(path, "#!/bin/sh\n" + std::string(script) + "\n");
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

/// A new, empty folder for a test's files, which goes away with all that it holds.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "engram_test_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw std::runtime_error(name + ": cannot be made");
    }
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  /// Number of files and folders in it.
  std::ptrdiff_t entries() const {
    return std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator());
  }

 private:
  std::filesystem::path path_;
};
