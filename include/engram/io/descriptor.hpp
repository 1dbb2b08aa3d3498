#pragma once

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

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

  /// Late write errors are told by fsync, not here.
  void close() {
    if (descriptor_ >= 0) {
      ::close(std::exchange(descriptor_, -1));
    }
  }

 private:
  int descriptor_;
};

/// While it lives, a write beyond the limit of file sizes gives an error and not SIGXFSZ, which ends the process. Only
/// the calling thread's mask of signals changes, and only for so long.
class FileSizeSignal {
 public:
  FileSizeSignal() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGXFSZ);
    pthread_sigmask(SIG_BLOCK, &signal_, &before_);
  }
  FileSizeSignal(const FileSizeSignal&) = delete;
  FileSizeSignal& operator=(const FileSizeSignal&) = delete;
  ~FileSizeSignal() {
    if (sigismember(&before_, SIGXFSZ) == 0) {
      constexpr timespec at_once{};
      while (sigtimedwait(&signal_, nullptr, &at_once) >= 0) {  // what the write has raised is not wanted later
      }
    }
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

 private:
  sigset_t signal_{};
  sigset_t before_{};
};

/// @throws IoError naming the file if the disk is full or fails
inline void write_all(const Descriptor& descriptor, std::span<const std::byte> bytes,
                      const std::filesystem::path& path) {
  const FileSizeSignal ignored;
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

}  // namespace engram::io
