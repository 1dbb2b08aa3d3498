#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>

namespace engram::io {

namespace detail {

[[noreturn]] inline void fail_system(const std::filesystem::path& path, std::string_view what, int error) {
  fail<IoError>(path.string(), ": ", what, ": ", std::strerror(error));
}

/// A POSIX file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int descriptor = -1) : descriptor_(descriptor) {}
  Descriptor(Descriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~Descriptor() { close(); }

  int get() const { return descriptor_; }

  /// @returns false, with errno set, if the system reports a late write error
  bool close() { return descriptor_ < 0 || ::close(std::exchange(descriptor_, -1)) == 0; }

 private:
  int descriptor_;
};

/// @throws IoError naming the file if the disk is full or fails
inline void write_all(const Descriptor& descriptor, std::span<const std::byte> bytes,
                      const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) {
      continue;
    }
    if (written < 0) {
      fail_system(path, "cannot be written", errno);
    }
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
}

}  // namespace detail

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
  /// @throws IoError naming the file and the reason
  explicit InputFile(std::filesystem::path path)
      : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
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

/// A file that comes into being whole or not at all: what is written goes to a temporary file beside the target, which
/// takes the target's place on commit, after it has reached the disk. Without a commit the target stays as it was. A
/// symbolic link stays, and what it points to is replaced.
class AtomicFile {
 public:
  /// @throws IoError if the folder does not exist or cannot be written
  explicit AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
    std::error_code ignored;
    if (std::filesystem::is_symlink(target_, ignored)) {
      target_ = std::filesystem::weakly_canonical(target_, ignored);
    }
    if (std::filesystem::is_directory(target_, ignored)) {
      detail::fail_system(target_, "cannot be written", EISDIR);
    }
    ensure<IoError>(!std::filesystem::exists(target_, ignored) || std::filesystem::is_regular_file(target_, ignored),
                    target_.string(), ": cannot be written: need a regular file, got a device or pipe");
    static std::atomic<unsigned> counter{0};
    do {
      temporary_ = target_;
      temporary_ += text(".", ::getpid(), ".", counter++, ".tmp");
      descriptor_ = detail::Descriptor(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    } while (descriptor_.get() < 0 && errno == EEXIST);
    if (descriptor_.get() < 0) {
      detail::fail_system(target_, "cannot be written", errno);
    }
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile() {
    if (!committed_) {
      ::unlink(temporary_.c_str());
    }
  }

  const std::filesystem::path& target() const { return target_; }

  /// Where the content is until the commit, for another program that writes it in this one's place.
  const std::filesystem::path& temporary() const { return temporary_; }

  /// Bytes written so far.
  std::size_t size() const { return size_ + buffer_.size(); }

  /// @throws IoError if the disk is full or fails
  void write(std::span<const std::byte> bytes) {
    if (buffer_.size() + bytes.size() <= buffer_limit) {
      buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
      return;
    }
    flush();
    write_through(bytes);
  }
  void write(std::string_view content) { write(std::as_bytes(std::span(content.data(), content.size()))); }

  /// Puts the file in the target's place.
  /// @throws IoError if the disk is full or fails; the target is then as it was
  void commit() {
    flush();
    if (::fsync(descriptor_.get()) != 0 || !descriptor_.close() ||
        std::rename(temporary_.c_str(), target_.c_str()) != 0) {
      detail::fail_system(target_, "cannot be written", errno);
    }
    committed_ = true;
    const auto folder = target_.has_parent_path() ? target_.parent_path() : std::filesystem::path(".");
    const detail::Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory.get() >= 0) {
      (void)::fsync(directory.get());  // some file systems cannot; the rename itself has succeeded
    }
  }

 private:
  static constexpr std::size_t buffer_limit = std::size_t{1} << 16;

  void flush() {
    write_through(buffer_);
    buffer_.clear();
  }
  void write_through(std::span<const std::byte> bytes) {
    detail::write_all(descriptor_, bytes, target_);
    size_ += bytes.size();
  }

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  detail::Descriptor descriptor_;
  std::vector<std::byte> buffer_;
  std::size_t size_ = 0;
  bool committed_ = false;
};

/// Writes a whole file, see AtomicFile.
/// @throws IoError naming the file and the reason
inline void write_atomically(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

}  // namespace engram::io
