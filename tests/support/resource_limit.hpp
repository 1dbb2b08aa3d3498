#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace support {

/// Within its scope this process may use no more than `most` of a resource, as setrlimit(2) names and counts them.
class ResourceLimit {
 public:
  ResourceLimit(int resource, rlim_t most) : resource_(resource) {
    ::getrlimit(resource_, &before_);
    const rlimit limited{most, before_.rlim_max};
    ::setrlimit(resource_, &limited);
  }
  ResourceLimit(const ResourceLimit&) = delete;
  ResourceLimit& operator=(const ResourceLimit&) = delete;
  ~ResourceLimit() { ::setrlimit(resource_, &before_); }

 private:
  int resource_;
  rlimit before_{};
};

/// No file grows beyond `bytes`: writing fails as on a full disk.
inline ResourceLimit limit_file_size(rlim_t bytes) {
  return {RLIMIT_FSIZE, bytes};
}

/// So many bytes more than are taken already, then std::bad_alloc is thrown. Sanitizers need the room for themselves:
/// under them there is no limit.
inline ResourceLimit limit_memory(rlim_t more) {
#if defined(ENGRAM_SANITIZED)
  static_cast<void>(more);
  rlimit now{};
  ::getrlimit(RLIMIT_AS, &now);
  return {RLIMIT_AS, now.rlim_cur};
#else
  rlim_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return {RLIMIT_AS, pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + more};
#endif
}

}  // namespace support
