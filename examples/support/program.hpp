#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#if defined(__linux__)
#include <sys/prctl.h>
#include <unistd.h>
#endif

#include <CLI/CLI.hpp>

#include <engram/core/error.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/parse_number.hpp>

namespace support {

/// Variable of the environment: the process of which a program is a part.
inline constexpr const char* part_of = "ENGRAM_PART_OF";

/// Accepts whole numbers from `least` on.
CLI::Validator whole_number(long long least);

/// Accepts the finite numbers that `accepts` does; `what` says which, such as "a number > 0".
CLI::Validator number(const std::string& what, std::function<bool(double)> accepts);
CLI::Validator positive_number();
CLI::Validator share();

/// @throws ArgumentError if `out` is the file or folder `in`
void need_other_path(const std::filesystem::path& in, const std::filesystem::path& out);

/// @throws ArgumentError unless the file's name ends with one of `extensions`, as ".npz", in any case
void need_extension(const char* option, const std::filesystem::path& file,
                    std::initializer_list<std::string_view> extensions);

/// @throws IoError naming the file if the folder that it is to lie in does not exist, before work is done for it
void need_folder_of(const std::filesystem::path& file);

/// While it lives, Ctrl-C and other requests to end wait, so that nothing is left of a file that is being written.
class LateSignals {
 public:
  LateSignals() {
    for (std::size_t i = 0; i < previous_.size(); ++i) {
      previous_[i] = std::signal(signals[i], [](int signal) { pending_ = signal; });
    }
  }
  LateSignals(const LateSignals&) = delete;
  LateSignals& operator=(const LateSignals&) = delete;
  ~LateSignals() {
    for (std::size_t i = 0; i < previous_.size(); ++i) {
      std::signal(signals[i], previous_[i]);
    }
    if (pending_ != 0) {
      std::raise(pending_);
    }
  }

 private:
  static constexpr std::array signals{SIGINT, SIGTERM, SIGHUP};
  static inline volatile std::sig_atomic_t pending_ = 0;
  std::array<void (*)(int), signals.size()> previous_{};
};

/// A program and its options. It is compiled once for all programs, unlike the many inline functions of CLI::App.
class Program : public CLI::App {
 public:
  Program(const std::string& description, const std::string& name);
  ~Program() override;
};

/// Runs a program: reads its options, then calls `body`, whose result is the exit status. Each error is one line on
/// stderr and exit status 2.
int run(Program& app, int argc, char** argv, const std::function<int()>& body);

}  // namespace support
