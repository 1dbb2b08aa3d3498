#include <engram/io/atomic_file.hpp>
#include <engram/io/child_process.hpp>

#include <doctest/doctest.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <span>
#include <string>

#include "support/environment.hpp"
#include "support/open_files.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

namespace {

std::span<const std::byte> bytes_of(const std::string& content) {
  return std::as_bytes(std::span(content.data(), content.size()));
}

bool no_child_left() {
  return ::waitpid(-1, nullptr, WNOHANG) == -1 && errno == ECHILD;
}

}  // namespace

TEST_CASE("find_program: the first folder of PATH that has the program, which must be executable") {
  const TemporaryFolder first;
  const TemporaryFolder second;
  write_file(first / "tool", "text");
  write_program(second / "tool", "exit 0");
  const support::EnvironmentVariable path("PATH", "/nowhere:" + first.path().string() + ":" + second.path().string());
  CHECK(io::find_program("tool") == second / "tool");
  CHECK_FALSE(io::find_program("other").has_value());
}

TEST_CASE("find_program: nothing on an empty PATH") {
  const support::EnvironmentVariable path("PATH", "");
  CHECK_FALSE(io::find_program("sh").has_value());
}

TEST_CASE("ChildProcess: gets its arguments unchanged and all that is written, however long") {
  const TemporaryFolder folder;
  std::string content;
  for (int i = 0; i < 100'000; ++i) {
    content += text(i, '\n');
  }
  io::ChildProcess child("/bin/sh", {"-c", "cat > \"$1\"", "sh", (folder / "a 'b' $c").string()});
  CHECK(child.write(bytes_of(content)));
  CHECK_FALSE(child.finish().has_value());
  CHECK(io::read_text(folder / "a 'b' $c") == content);
}

TEST_CASE("ChildProcess: what the program writes is read to its end, while its input is empty") {
  io::ChildProcess child("/bin/sh", {"-c", "cat; i=0; while [ $i -lt 30000 ]; do echo $i; i=$((i+1)); done; exit 4"},
                         io::ChildStream::output);
  std::string expected;
  for (int i = 0; i < 30'000; ++i) {
    expected += text(i, '\n');
  }
  std::string got(expected.size() + 100, ' ');
  CHECK(child.read(std::as_writable_bytes(std::span(got))) == expected.size());
  CHECK(got.substr(0, expected.size()) == expected);
  CHECK(child.finish() == "exit status 4");

  io::ChildProcess endless("/bin/sh", {"-c", "while echo more; do :; done; exit 5"}, io::ChildStream::output);
  CHECK(endless.read(std::as_writable_bytes(std::span(got))) == got.size());
  CHECK(endless.finish().has_value());  // nobody reads on: it ends by SIGPIPE or an error of its own
}

TEST_CASE("ChildProcess: says how the program ended, and its last lines") {
  io::ChildProcess failing("/bin/sh", {"-c", "printf 'one\\ntwo\\n\\nthree\\rfour\\n' >&2; exit 7"});
  CHECK(failing.finish() == "exit status 7");
  CHECK(failing.last_messages() == "two; three; four");
  CHECK(failing.last_messages(1) == "four");
  io::ChildProcess killed("/bin/sh", {"-c", "kill -9 $$"});
  CHECK(killed.finish() == "signal 9 (Killed)");
  CHECK(killed.last_messages().empty());
}

TEST_CASE("ChildProcess: of very long messages the end is kept") {
  io::ChildProcess child("/bin/sh", {"-c", "i=0; while [ $i -lt 9000 ]; do echo line $i >&2; i=$((i+1)); done"});
  CHECK_FALSE(child.finish().has_value());
  CHECK(child.last_messages(2) == "line 8998; line 8999");
}

TEST_CASE("ChildProcess: a program that has ended takes no more, and there is no SIGPIPE") {
  void (*before)(int) = std::signal(SIGPIPE, SIG_DFL);  // would end this test program
  io::ChildProcess child("/bin/sh", {"-c", "echo gone >&2; exit 3"});
  const std::string content(1 << 20, 'x');
  bool taken = true;
  for (int i = 0; i < 100 && taken; ++i) {
    taken = child.write(bytes_of(content));
  }
  CHECK_FALSE(taken);
  CHECK(child.finish() == "exit status 3");
  CHECK(child.last_messages() == "gone");
  std::signal(SIGPIPE, before);
}

TEST_CASE("ChildProcess: leaves no process and no open file, whether finished or not") {
  const auto open_before = support::open_files();
  {
    io::ChildProcess finished("/bin/cat", {});
    finished.finish();
    const io::ChildProcess running("/bin/cat", {});
    CHECK_THROWS_AS(io::ChildProcess("/nowhere/program", {}), IoError);
  }
  CHECK(support::open_files() == open_before);
  CHECK(no_child_left());
}

TEST_CASE("ChildProcess: the program inherits none of this process's open files") {
  const TemporaryFolder folder;
  const auto open_files_of_child = [] {
    return io::ChildProcess("/bin/sh", {"-c", "exit $(ls /dev/fd | wc -l)"}).finish();
  };
  const auto before = open_files_of_child();
  const io::AtomicFile other(folder / "other");
  const io::ChildProcess beside("/bin/cat", {});
  CHECK(open_files_of_child() == before);
}

TEST_CASE("ChildProcess: a program that cannot be started is named with the reason") {
  CHECK_THROWS_WITH_AS(io::ChildProcess("/nowhere/program", {}),
                       "/nowhere/program: cannot be started: No such file or directory", IoError);
}
