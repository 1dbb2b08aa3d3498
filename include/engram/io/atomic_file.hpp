#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/io/descriptor.hpp>
#include <engram/io/folder.hpp>

namespace engram::io {

/// A file that comes into being whole or not at all: what is written goes to a temporary file beside the target, which
/// takes the target's place on commit, after it has reached the disk. Without a commit the target stays as it was. A
/// symbolic link stays, and what it points to is replaced; the new file has the permissions of the old one. What a
/// killed process leaves beside the target, remove_unfinished removes.
class AtomicFile {
 public:
  /// @throws IoError if the folder does not exist or cannot be written, or the target is write-protected
  explicit AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
    follow_links();
    std::error_code ignored;
    if (std::filesystem::is_directory(target_, ignored)) {
      detail::fail_system(target_, "cannot be written", EISDIR);
    }
    ensure<IoError>(!std::filesystem::exists(target_, ignored) || std::filesystem::is_regular_file(target_, ignored),
                    target_.string(), ": cannot be written: need a regular file, got a device or pipe");
    if (::faccessat(AT_FDCWD, target_.c_str(), W_OK, AT_EACCESS) != 0 && errno != ENOENT) {
      detail::fail_system(target_, "cannot be written", errno);
    }
    static std::atomic<unsigned> counter{0};
    do {
      temporary_ = target_;
      temporary_ += text(".", ::getpid(), ".", counter++, detail::unfinished_suffix);
      descriptor_ = detail::Descriptor(::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    } while (descriptor_.get() < 0 ? errno == EEXIST : !detail::lock_unfinished(descriptor_));
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

  /// @throws IoError if the disk is full or fails; nothing can be written or committed any more then. ArgumentError
  /// after the commit
  void write(std::span<const std::byte> bytes) {
    check_open();
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
  /// reach the disk. ArgumentError after another commit
  void commit() {
    check_open();
    flush();
    failed_ = true;  // whoever tries again may be told that all is well: the system tells of an error but once
    if (::fsync(descriptor_.get()) != 0 || std::rename(temporary_.c_str(), target_.c_str()) != 0) {
      detail::fail_system(target_, "cannot be written", errno);
    }
    committed_ = true;
    descriptor_.close();  // the lock stays until the file has its name
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

  void check_open() const {
    ensure<ArgumentError>(!committed_, target_.string(), ": need all to be written before the commit");
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

/// Writes a whole file, see AtomicFile.
/// @throws IoError naming the file and the reason
inline void write_atomically(const std::filesystem::path& path, std::string_view content) {
  AtomicFile file(path);
  file.write(content);
  file.commit();
}

}  // namespace engram::io
