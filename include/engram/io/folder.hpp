#pragma once

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include <engram/io/descriptor.hpp>

namespace engram::io {

namespace detail {

/// Ends the names of files that are being written: "loss.png.4711.0.engram.tmp" of process 4711.
inline constexpr std::string_view unfinished_suffix = ".engram.tmp";

/// Locks a file that this process writes, so that remove_unfinished lets it be, in whatever process, container or
/// machine; the lock goes with the descriptor, however the process ends. Some file systems know no locks: there
/// remove_unfinished removes nothing.
/// @returns false if another has just removed the file, or is about to
inline bool lock_unfinished(const Descriptor& file) {
  struct stat status {};
  const bool taken = ::flock(file.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  return !taken && ::fstat(file.get(), &status) == 0 && status.st_nlink > 0;
}

/// Lets a folder's entries reach the disk, where we may read the folder and its file system can.
/// @param folder  empty: the current one
/// @throws IoError naming the folder if the disk fails
inline void sync_folder(std::filesystem::path folder) {
  if (folder.empty()) {
    folder = ".";
  }
  const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const bool done = directory.get() < 0 ? errno == EACCES : ::fsync(directory.get()) == 0 || errno == EINVAL;
  if (!done) {
    fail_system(folder, "its entries cannot be written to the disk", errno);
  }
}

}  // namespace detail

/// Makes a folder, and those that it lies in, where they are not there; new ones reach the disk.
/// @throws IoError naming the folder and the reason
inline void make_folder(const std::filesystem::path& folder) {
  ensure<IoError>(!folder.empty(), "make_folder: need a folder's name, got an empty one");
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

/// Removes what AtomicFiles of processes that were killed have left in a folder: files that end with
/// detail::unfinished_suffix and that no living process is writing.
inline void remove_unfinished(const std::filesystem::path& folder) {
  std::error_code ignored;
  for (std::filesystem::directory_iterator entry(folder, ignored), last; entry != last; entry.increment(ignored)) {
    if (!entry->path().filename().string().ends_with(detail::unfinished_suffix)) {
      continue;
    }
    const detail::Descriptor file(::open(entry->path().c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (file.get() >= 0 && ::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
      ::unlink(entry->path().c_str());
    }
  }
}

}  // namespace engram::io
