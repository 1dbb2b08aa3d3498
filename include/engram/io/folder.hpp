#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string>
#include <system_error>

#include <engram/io/descriptor.hpp>

namespace engram::io {

namespace detail {

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

}  // namespace engram::io
