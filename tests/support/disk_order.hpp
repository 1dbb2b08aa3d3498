#pragma once

#include <dlfcn.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

// Takes the place of fsync and rename in the program that includes it, which may be one of its files only: they do what
// they did, and can be watched.

namespace support {

/// While it lives, what this thread puts on the disk, in order: "fsync PATH", "rename FROM TO".
class DiskOrder {
 public:
  DiskOrder() { watching() = &events_; }
  DiskOrder(const DiskOrder&) = delete;
  DiskOrder& operator=(const DiskOrder&) = delete;
  ~DiskOrder() { watching() = nullptr; }

  const std::vector<std::string>& events() const { return events_; }

  static std::vector<std::string>*& watching() {
    thread_local std::vector<std::string>* events = nullptr;
    return events;
  }

 private:
  std::vector<std::string> events_;
};

}  // namespace support

extern "C" inline int fsync(int descriptor) {
  if (auto* events = support::DiskOrder::watching()) {
    events->push_back("fsync " + std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor)).string());
  }
  static const auto real = reinterpret_cast<int (*)(int)>(::dlsym(RTLD_NEXT, "fsync"));
  return real(descriptor);
}

extern "C" inline int rename(const char* from, const char* to) noexcept {
  if (auto* events = support::DiskOrder::watching()) {
    events->push_back(std::string("rename ") + from + " " + to);
  }
  static const auto real = reinterpret_cast<int (*)(const char*, const char*)>(::dlsym(RTLD_NEXT, "rename"));
  return real(from, to);
}
