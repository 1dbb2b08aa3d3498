#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
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

/// The process that writes a temporary file, ".PID.NUMBER.tmp" at the end of its name; 0 for other files.
inline pid_t writer_of(const std::string& name) {
  const std::size_t number = name.find_last_of('.', name.size() - std::min<std::size_t>(name.size(), 5));
  if (!name.ends_with(".tmp") || number == name.npos || number == 0) {
    return 0;
  }
  const std::size_t process = name.find_last_of('.', number - 1);
  pid_t writer = 0;
  const char* const end = name.data() + number;
  const bool parsed = process != name.npos && std::from_chars(name.data() + process + 1, end, writer).ptr == end;
  return parsed ? writer : 0;
}

/// Lets a folder's entries reach the disk. @param folder  empty: the current one
/// @throws IoError naming the folder if the disk fails
inline void sync_folder(const std::filesystem::path& folder) {
  const Descriptor directory(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (directory.get() >= 0 && ::fsync(directory.get()) != 0 && errno != EINVAL) {  // EINVAL: the file system cannot
    fail_system(folder, "its entries cannot be written to the disk", errno);
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

/// A file that comes into being whole or not at all: what is written goes to a temporary file beside the target, which
/// takes the target's place on commit, after it has reached the disk. Without a commit the target stays as it was. A
/// symbolic link stays, and what it points to is replaced; the new file has the permissions of the old one.
class AtomicFile {
 public:
  /// @throws IoError if the folder does not exist or cannot be written
  explicit AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
    follow_links();
    std::error_code ignored;
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
    struct stat before {};
    if (::stat(target_.c_str(), &before) == 0) {
      (void)::fchmod(descriptor_.get(), before.st_mode & 07777);  // some file systems know no permissions
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

  /// @throws IoError if the disk is full or fails; nothing can be written or committed any more then
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
  /// @throws IoError if the disk is full or fails; the target is then as it was, unless it is the folder that does not
  /// reach the disk
  void commit() {
    flush();
    if (::fsync(descriptor_.get()) != 0 || !descriptor_.close() ||
        std::rename(temporary_.c_str(), target_.c_str()) != 0) {
      detail::fail_system(target_, "cannot be written", errno);
    }
    committed_ = true;
    detail::sync_folder(target_.parent_path());
  }

 private:
  static constexpr std::size_t buffer_limit = std::size_t{1} << 16;

  /// Takes the place that a symbolic link points to, whether or not there is a file.
  void follow_links() {
    constexpr int most = 40;  // as Linux does
    std::error_code error;
    for (int links = 0; std::filesystem::is_symlink(target_, error); ++links) {
      const auto next = std::filesystem::read_symlink(target_, error);
      if (error || links == most) {
        detail::fail_system(target_, "cannot be written", error ? error.value() : ELOOP);
      }
      target_ = target_.parent_path() / next;
    }
  }

  void flush() {
    write_through(buffer_);
    buffer_.clear();
  }
  void write_through(std::span<const std::byte> bytes) {
    ensure<IoError>(!failed_, target_.string(), ": cannot be written: an earlier part is missing");
    failed_ = true;
    detail::write_all(descriptor_, bytes, target_);
    failed_ = false;
    size_ += bytes.size();
  }

  std::filesystem::path target_;
  std::filesystem::path temporary_;
  detail::Descriptor descriptor_;
  std::vector<std::byte> buffer_;
  std::size_t size_ = 0;
  bool failed_ = false;
  bool committed_ = false;
};

/// Makes a folder, and those that it lies in, where they are not there; new ones reach the disk.
/// @throws IoError naming the folder and the reason
inline void make_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  if (std::filesystem::is_directory(folder, ignored)) {
    return;
  }
  if (folder.has_parent_path()) {
    make_folder(folder.parent_path());
  }
  if (::mkdir(folder.c_str(), 0777) != 0) {
    const int error = errno;
    if (!std::filesystem::is_directory(folder, ignored)) {  // nor has another made it meanwhile
      detail::fail_system(folder, "cannot be made", error == EEXIST ? ENOTDIR : error);
    }
  }
  detail::sync_folder(folder.parent_path());
}

/// Removes what AtomicFiles of processes that were killed have left in a folder: "loss.png.4711.0.tmp" if there is no
/// process 4711 on this machine any more.
inline void remove_unfinished(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry(folder, ignored), last; entry != last; entry.increment(ignored)) {
    const pid_t writer = detail::writer_of(entry->path().filename().string());
    if (writer > 0 && ::kill(writer, 0) != 0 && errno == ESRCH) {
      ::unlink(entry->path().c_str());
    }
  }
}

/// Writes a whole file, see AtomicFile.
/// @throws IoError naming the file and the reason
inline void write_atomically(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

}  // namespace engram::io
