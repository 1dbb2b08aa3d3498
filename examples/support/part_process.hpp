// Runs a program as a part of a larger work.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/io/child_process.hpp>

#include "support/program.hpp"

namespace support {

/// How a program ended.
struct PartEnd {
  int status = 0;         ///< its exit status; 128 + the signal that ended it
  double seconds = 0;     ///< from its start
  double memory_mib = 0;  ///< that it had at most
};

/// Runs a program in a process group of its own; what it says goes to the end of the file `log`.
/// @param watch  called ten times a second with the seconds since the start; if it returns false, the program is asked
///   to stop, as by Ctrl-C, and waited for
/// @throws IoError if the program cannot be started
inline PartEnd run_process(const std::filesystem::path& program, std::vector<std::string> arguments,
                           const std::filesystem::path& log, const std::function<bool(double)>& watch) {
  ::setenv(part_of, std::to_string(::getpid()).c_str(), 1);
  const pid_t id = engram::io::spawn(program, arguments, [&](posix_spawn_file_actions_t& actions) {
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
    ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  });
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  const auto seconds = [start] { return std::chrono::duration<double>(Clock::now() - start).count(); };
  bool asked_to_stop = false;
  int status = 0;
  rusage usage{};
  while (true) {
    const pid_t ended = ::wait4(id, &status, WNOHANG, &usage);
    if (ended == id) {
      break;
    }
    engram::ensure<engram::IoError>(ended == 0 || errno == EINTR, program.string(),
                                    ": cannot be waited for: ", std::strerror(errno));
    if (!watch(seconds()) && !asked_to_stop) {
      asked_to_stop = true;
      ::kill(id, SIGINT);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  const int exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
#if defined(__APPLE__)
  constexpr double to_mib = 1.0 / (1024 * 1024);
#else
  constexpr double to_mib = 1.0 / 1024;
#endif
  return {exit_status, seconds(), static_cast<double>(usage.ru_maxrss) * to_mib};
}

}  // namespace support
