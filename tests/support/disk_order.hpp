#pragma once

#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

// Takes the place of fsync and rename in the program that includes it: they do what they did, and can be watched. Both
// must be there for code that other files hold, even where this one's calls would all be compiled in place.

namespace support {

/// While it lives, what this thread puts on the disk, in order: "fsync FILE SIZE", "fsync FOLDER", "rename FROM TO".
class DiskOrder {
 public:
  DiskOrder() { watching() = this; }
  DiskOrder(const DiskOrder&) = delete;
  DiskOrder& operator=(const DiskOrder&) = delete;
  ~DiskOrder() { watching() = nullptr; }

  const std::vector<std::string>& events() const { return events_; }
  void add(std::string event) { events_.push_back(std::move(event)); }

  /// The disk fails once: Linux tells of what it could not write at the next fsync, but at no later one.
  void fail_next_fsync() { fails_ = true; }
  bool take_failure() { return std::exchange(fails_, false); }

  static DiskOrder*& watching() {
    thread_local DiskOrder* order = nullptr;
    return order;
  }

 private:
  std::vector<std::string> events_;
  bool fails_ = false;
};

}  // namespace support

extern "C" [[gnu::used, gnu::noinline]] inline int fsync(int descriptor) {
  if (auto* order = support::DiskOrder::watching()) {
    const std::filesystem::path path = std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor));
    const bool folder = std::filesystem::is_directory(path);
    order->add("fsync " + path.string() + (folder ? "" : " " + std::to_string(std::filesystem::file_size(path))));
    if (order->take_failure()) {
      errno = EIO;
      return -1;
    }
  }
  static const auto real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "fsync"));
  return real(descriptor);
}

extern "C" [[gnu::used, gnu::noinline]] inline int rename(const char* from, const char* to) noexcept {
  if (auto* order = support::DiskOrder::watching()) {
    order->add(std::string("rename ") + from + " " + to);
  }
  static const auto real = reinterpret_cast<int (*)(const char*, const char*)>(::dlsym(RTLD_NEXT, "rename"));
  return real(from, to);
}
