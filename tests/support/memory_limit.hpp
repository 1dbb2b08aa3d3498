#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace support {

/// Within its scope this process may take so many bytes more than it has: then std::bad_alloc is thrown. Sanitizers need
/// the room for themselves; under them there is no limit.
class MemoryLimit {
 public:
  explicit MemoryLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_AS, &before_);
#if !defined(ENGRAM_SANITIZED)
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlimit limited{pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_AS, &limited);
#else
    static_cast<void>(bytes);
#endif
  }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;
  ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &before_); }

 private:
  rlimit before_{};
};

}  // namespace support
