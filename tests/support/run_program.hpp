#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace support {

struct ProgramResult {
  int status = 0;      ///< exit status; 128 + n after signal n
  std::string output;  ///< what it wrote to stdout and stderr, in order
};

/// Runs a command with the given arguments.
inline ProgramResult run_command(std::string command, const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    command += " '" + argument + "'";  // no test passes a quote
  }
  ProgramResult result;
  std::FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) {
    return {127, "popen failed"};
  }
  char part[4096];
  for (std::size_t got = 0; (got = std::fread(part, 1, sizeof part, pipe)) > 0;) {
    result.output.append(part, got);
  }
  const int status = pclose(pipe);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

/// Runs one of the example programs.
inline ProgramResult run_program(const std::string& name, const std::vector<std::string>& arguments) {
  return run_command(std::string(ENGRAM_BIN_DIR "/") + name, arguments);
}

}  // namespace support
