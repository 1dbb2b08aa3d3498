#include <engram/io/folder.hpp>

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <engram/io/atomic_file.hpp>
#include <engram/io/file.hpp>

#include "support/disk_order.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

TEST_CASE("make_folder: with those above it, each on the disk; what is there stays") {
  const TemporaryFolder folder;
  {
    const support::DiskOrder order;
    io::make_folder(folder / "a" / "b");
    CHECK(order.events() ==
          std::vector<std::string>{"fsync " + folder.path().string(), "fsync " + (folder / "a").string()});
  }
  write_file(folder / "a" / "b" / "f", "kept");
  io::make_folder(folder / "a" / "b");
  CHECK(io::read_text(folder / "a" / "b" / "f") == "kept");
  CHECK_THROWS_WITH_AS(io::make_folder(folder / "a" / "b" / "f"),
                       ((folder / "a" / "b" / "f").string() + ": cannot be made: Not a directory").c_str(), IoError);
  CHECK_THROWS_WITH_AS(io::make_folder(""), "make_folder: need a folder's name, got an empty one", IoError);
}

TEST_CASE("make_folder: the current folder is called so where it does not reach the disk") {
  const TemporaryFolder folder;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  support::DiskOrder order;
  order.fail_next_fsync();
  CHECK_THROWS_WITH_AS(io::make_folder("a"), ".: its entries cannot be written to the disk: Input/output error",
                       IoError);
  std::filesystem::current_path(before);
}

TEST_CASE("remove_unfinished: only what processes that are no more have begun") {
  const TemporaryFolder folder;
  io::AtomicFile written(folder / "f");  // also a file of a process of this number in another container
  write_file(folder / text("f.", ::getpid(), ".9.engram.tmp"), "begun");
  write_file(folder / "f.99999999.0.engram.tmp", "begun");
  const std::vector<std::string> stay{"f.tmp", ".tmp", "paper.2024.1.tmp", "f.1.0.engram.tmp.npz", "engram.tmp"};
  for (const std::string& name : stay) {
    write_file(folder / name, "mine");
  }
  io::remove_unfinished(folder.path());
  for (const std::string& name : stay) {
    CHECK_MESSAGE(std::filesystem::exists(folder / name), name);
  }
  CHECK(folder.entries() == std::ssize(stay) + 1);
  written.write("whole");
  written.commit();
  CHECK(io::read_text(folder / "f") == "whole");
  io::remove_unfinished(folder / "nowhere");
}

TEST_CASE("remove_unfinished: another process's file is let be until it is no more") {
  const TemporaryFolder folder;
  int begun[2];
  REQUIRE(::pipe(begun) == 0);
  const pid_t writer = ::fork();
  if (writer == 0) {
    io::AtomicFile file(folder / "f");
    (void)!::write(begun[1], "x", 1);
    for (;;) {
      ::pause();
    }
  }
  char byte = 0;
  CHECK(::read(begun[0], &byte, 1) == 1);
  io::remove_unfinished(folder.path());
  CHECK(folder.entries() == 1);
  ::kill(writer, SIGKILL);
  ::waitpid(writer, nullptr, 0);
  io::remove_unfinished(folder.path());
  CHECK(folder.entries() == 0);
  ::close(begun[0]);
  ::close(begun[1]);
}
