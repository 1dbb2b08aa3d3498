#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/io/descriptor.hpp>

namespace engram::io {

/// ".npz" of "frames.NPZ".
inline std::string lower_extension(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return extension;
}

/// A file that is read at any place.
class InputFile {
 public:
  /// @throws IoError naming the file and the reason; so for a pipe or device, whose size is not known
  explicit InputFile(std::filesystem::path path)
      : path_(std::move(path)),
        descriptor_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {  // else a pipe may never open
    if (descriptor_.get() < 0) {
      detail::fail_system(path_, "cannot be read", errno);
    }
    struct stat status {};
    if (fstat(descriptor_.get(), &status) != 0) {
      detail::fail_system(path_, "cannot be read", errno);
    }
    if (S_ISDIR(status.st_mode)) {
      detail::fail_system(path_, "cannot be read", EISDIR);
    }
    ensure<IoError>(S_ISREG(status.st_mode), path_.string(),
                    ": cannot be read: need a regular file, got a device or pipe");
    size_ = static_cast<std::size_t>(status.st_size);
  }

  const std::filesystem::path& path() const { return path_; }
  std::size_t size() const { return size_; }

  /// Fills `bytes` from `offset` on.
  /// @throws FormatError if the file ends before, IoError if it cannot be read
  void read(std::size_t offset, std::span<std::byte> bytes) const {
    ensure<FormatError>(bytes.size() <= size_ && offset <= size_ - bytes.size(), path_.string(), ": need at least ",
                        offset + bytes.size(), " bytes, got ", size_, ": the file is cut short");
    while (!bytes.empty()) {
      const ssize_t got = ::pread(descriptor_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        detail::fail_system(path_, "cannot be read", errno);
      }
      ensure<FormatError>(got > 0, path_.string(), ": ends at byte ", offset, " while it is being read");
      offset += static_cast<std::size_t>(got);
      bytes = bytes.subspan(static_cast<std::size_t>(got));
    }
  }

 private:
  std::filesystem::path path_;
  detail::Descriptor descriptor_;
  std::size_t size_ = 0;
};

/// The whole file.
/// @throws IoError naming the file and the reason
inline std::vector<std::byte> read_bytes(const std::filesystem::path& path) {
  const InputFile file(path);
  std::vector<std::byte> bytes(file.size());
  file.read(0, bytes);
  return bytes;
}

/// The whole file as text.
/// @throws IoError naming the file and the reason
inline std::string read_text(const std::filesystem::path& path) {
  const InputFile file(path);
  std::string text(file.size(), '\0');
  file.read(0, std::as_writable_bytes(std::span(text.data(), text.size())));
  return text;
}

}  // namespace engram::io
