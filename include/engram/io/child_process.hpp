#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/io/descriptor.hpp>

extern "C" char** environ;

namespace engram::io {

/// The file of the program `name` in the first folder of the environment's PATH that has it.
inline std::optional<std::filesystem::path> find_program(std::string_view name) {
  const char* variable = std::getenv("PATH");
  std::string_view folders = variable == nullptr ? "" : variable;
  while (!folders.empty()) {
    const std::string_view folder = folders.substr(0, folders.find(':'));
    folders.remove_prefix(std::min(folders.size(), folder.size() + 1));
    const auto file = std::filesystem::path(folder.empty() ? "." : folder) / name;
    std::error_code ignored;
    if (::access(file.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(file, ignored)) {
      return file;
    }
  }
  return std::nullopt;
}

/// The same of a program that a file cannot be `verb` ("read", "written") without.
/// @throws IoError naming the file and the program if it is not found
inline std::filesystem::path need_program(std::string_view name, const std::string& file, std::string_view verb) {
  const auto program = find_program(name);
  ensure<IoError>(program.has_value(), file, ": cannot be ", verb, ": need the program ", name,
                  ", got none in a folder of PATH; install the package ", name);
  return *program;
}

/// Starts a program in a process group of its own, without a shell. POSIX only.
/// @param redirect  adds the actions that open its standard streams
/// @throws IoError naming the program if it cannot be started
template <class Redirect>
pid_t spawn(const std::filesystem::path& program, std::vector<std::string>& arguments, Redirect redirect) {
  std::string name = program.string();
  std::vector<char*> argv{name.data()};
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  redirect(actions);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
  sigset_t blocked;  // a file that may not grow is an error to the program, and not its end
  ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  sigaddset(&blocked, SIGXFSZ);
  ::posix_spawnattr_setsigmask(&attributes, &blocked);
  pid_t id = -1;
  const int error = ::posix_spawn(&id, name.c_str(), &actions, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    detail::fail_system(program, "cannot be started", error);
  }
  return id;
}

/// Which of a program's streams a ChildProcess holds the other end of; the other one is empty or thrown away.
enum class ChildStream {
  input,   ///< the program reads what is written to it
  output,  ///< what the program writes is read
};

/// A program that runs beside this one and reads what is written to it from its standard input, or whose standard
/// output is read; what it says on its standard error is kept. No shell takes part. A program that ends early makes
/// `write` fail, without SIGPIPE. It is in a process group of its own, so that Ctrl-C reaches only this process, which
/// decides what becomes of it. POSIX only.
class ChildProcess {
 public:
  /// @throws IoError naming the program if it cannot be started
  ChildProcess(std::filesystem::path program, std::vector<std::string> arguments,
               ChildStream stream = ChildStream::input)
      : program_(std::move(program)), messages_(unnamed_file()) {
    int ends[2] = {-1, -1};
    const bool made = ::socketpair(AF_UNIX, SOCK_STREAM | close_on_exec, 0, ends) == 0;  // a pipe would raise SIGPIPE
    stream_ = above_standard_streams(made ? ends[0] : -1);
    const detail::Descriptor other = above_standard_streams(made ? ends[1] : -1);
    if (stream_.get() < 0 || other.get() < 0) {
      detail::fail_system(program_, "cannot be started", errno);
    }
#if defined(SO_NOSIGPIPE)
    const int yes = 1;
    (void)::setsockopt(stream_.get(), SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof yes);
#endif
    id_ = spawn(program_, arguments, [&](posix_spawn_file_actions_t& actions) {
      const bool input = stream == ChildStream::input;
      ::posix_spawn_file_actions_adddup2(&actions, other.get(), input ? STDIN_FILENO : STDOUT_FILENO);
      ::posix_spawn_file_actions_addopen(&actions, input ? STDOUT_FILENO : STDIN_FILENO, "/dev/null",
                                         input ? O_WRONLY : O_RDONLY, 0);
      ::posix_spawn_file_actions_adddup2(&actions, messages_.get(), STDERR_FILENO);
    });
  }
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  /// Ends the program if it still runs.
  ~ChildProcess() {
    if (id_ > 0) {
      (void)::kill(id_, SIGKILL);
      (void)reap();
    }
  }

  /// @returns false if the program takes no more, as one that has ended
  bool write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(stream_.get(), bytes.data(), bytes.size(), no_signal);
      if (sent < 0 && errno == EINTR) {
        continue;
      }
      if (sent < 0) {
        return false;
      }
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
    return true;
  }

  /// Fills the span with what the program writes to its standard output.
  /// @returns the bytes read: fewer only if the program has closed it
  std::size_t read(std::span<std::byte> bytes) {
    std::size_t got = 0;
    while (got < bytes.size()) {
      const ssize_t more = ::recv(stream_.get(), bytes.data() + got, bytes.size() - got, 0);
      if (more < 0 && errno == EINTR) {
        continue;
      }
      if (more <= 0) {
        break;
      }
      got += static_cast<std::size_t>(more);
    }
    return got;
  }

  /// Closes this end of its stream and waits until the program has ended.
  /// @returns nothing if it has ended well, else how it ended: "exit status 1", "signal 9 (Killed)"
  std::optional<std::string> finish() {
    stream_.close();
    const std::optional<int> status = reap();
    if (!status) {
      return "an end that could not be observed";
    }
    if (WIFSIGNALED(*status)) {
      return text("signal ", WTERMSIG(*status), " (", ::strsignal(WTERMSIG(*status)), ")");
    }
    return WEXITSTATUS(*status) == 0 ? std::nullopt : std::optional(text("exit status ", WEXITSTATUS(*status)));
  }

  /// Whether the program has written to its standard error.
  bool has_messages() const {
    struct stat status {};
    return ::fstat(messages_.get(), &status) == 0 && status.st_size > 0;
  }

  /// The last lines that the program wrote to its standard error, in one.
  std::string last_messages(std::size_t lines = 3) const {
    char tail[2000];
    const off_t size = ::lseek(messages_.get(), 0, SEEK_END);
    const off_t begin = std::max<off_t>(0, size - static_cast<off_t>(sizeof tail));
    const ssize_t got = size < 0 ? 0 : ::pread(messages_.get(), tail, sizeof tail, begin);
    std::string_view rest(tail, static_cast<std::size_t>(std::max<ssize_t>(0, got)));
    std::string joined;
    for (std::size_t found = 0; found < lines && !rest.empty();) {
      const std::size_t cut = rest.find_last_of("\r\n");
      const std::string_view line = rest.substr(cut == std::string_view::npos ? 0 : cut + 1);
      rest = rest.substr(0, cut == std::string_view::npos ? 0 : cut);
      if (!line.empty()) {
        joined = text(line, joined.empty() ? "" : "; ", joined);
        ++found;
      }
    }
    return joined;
  }

 private:
#if defined(SOCK_CLOEXEC)
  static constexpr int close_on_exec = SOCK_CLOEXEC;
#else
  static constexpr int close_on_exec = 0;
#endif
#if defined(MSG_NOSIGNAL)
  static constexpr int no_signal = MSG_NOSIGNAL;
#else
  static constexpr int no_signal = 0;
#endif

  /// The same under a number that no standard stream has, closed when another program is started.
  static detail::Descriptor above_standard_streams(int descriptor) {
    const detail::Descriptor first(descriptor);
    return detail::Descriptor(descriptor < 0 ? -1 : ::fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
  }

  /// A temporary file that goes away with its descriptor: unlike a pipe, nobody needs to empty it.
  static detail::Descriptor unnamed_file() {
    std::error_code ignored;
    const auto folder = std::filesystem::temp_directory_path(ignored);
    std::string name = ((ignored ? std::filesystem::path("/tmp") : folder) / "engram_XXXXXX").string();
    auto file = above_standard_streams(::mkstemp(name.data()));
    if (file.get() < 0) {
      detail::fail_system(name, "cannot be made", errno);
    }
    ::unlink(name.c_str());
    return file;
  }

  std::optional<int> reap() {
    int status = 0;
    const pid_t id = std::exchange(id_, -1);
    pid_t ended = -1;
    do {
      ended = ::waitpid(id, &status, 0);
    } while (ended < 0 && errno == EINTR);
    return ended == id ? std::optional(status) : std::nullopt;
  }

  std::filesystem::path program_;
  detail::Descriptor messages_;
  detail::Descriptor stream_;
  pid_t id_ = -1;
};

}  // namespace engram::io
