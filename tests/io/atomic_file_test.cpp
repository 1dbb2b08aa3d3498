#include <engram/io/atomic_file.hpp>

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include <engram/io/file.hpp>

#include "support/disk_order.hpp"
#include "support/resource_limit.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

TEST_CASE("AtomicFile: nothing at the target before commit, all of it after, and no temporary file") {
  const TemporaryFolder folder;
  std::string expected;
  {
    io::AtomicFile file(folder / "f");
    for (int i = 0; i < 3000; ++i) {  // several buffers, and pieces larger than one
      const std::string piece(i == 1500 ? 200'000 : 97, static_cast<char>('a' + i % 26));
      file.write(piece);
      expected += piece;
    }
    CHECK(file.size() == expected.size());
    CHECK_FALSE(std::filesystem::exists(folder / "f"));
    file.commit();
  }
  CHECK(io::read_text(folder / "f") == expected);
  CHECK(folder.entries() == 1);
}

TEST_CASE("AtomicFile: without commit the old content stays and no temporary file is left") {
  const TemporaryFolder folder;
  io::write_atomically(folder / "f", "old");
  { io::AtomicFile(folder / "f").write("new"); }
  CHECK(io::read_text(folder / "f") == "old");
  CHECK(folder.entries() == 1);
  io::write_atomically(folder / "f", "new");
  CHECK(io::read_text(folder / "f") == "new");
}

TEST_CASE("AtomicFile: an error while writing leaves the old content and no temporary file") {
  const TemporaryFolder folder;
  io::write_atomically(folder / "f", "old");
  const std::string expected = (folder / "f").string() + ": cannot be written: File too large";
  {
    const auto limit = support::limit_file_size(100'000);
    CHECK_THROWS_WITH_AS(io::write_atomically(folder / "f", std::string(200'000, 'x')), expected.c_str(), IoError);
  }
  {
    const auto limit = support::limit_file_size(1000);  // fails only when commit flushes
    io::AtomicFile file(folder / "f");
    file.write(std::string(2000, 'x'));
    CHECK_THROWS_WITH_AS(file.commit(), expected.c_str(), IoError);
  }
  CHECK(io::read_text(folder / "f") == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("AtomicFile: after a failed write nothing is committed any more, and the process lives") {
  const TemporaryFolder folder;
  write_file(folder / "f", "old");
  io::AtomicFile file(folder / "f");
  file.write(std::string(2000, 'x'));
  {
    const auto full = support::limit_file_size(1000);
    CHECK_THROWS_WITH_AS(file.commit(), ((folder / "f").string() + ": cannot be written: File too large").c_str(),
                         IoError);
  }
  CHECK_THROWS_WITH_AS(file.commit(),
                       ((folder / "f").string() + ": cannot be written: an earlier part is missing").c_str(), IoError);
  CHECK(io::read_text(folder / "f") == "old");
}

TEST_CASE("AtomicFile: the file is on the disk before it takes its place, and so is the folder after it") {
  const TemporaryFolder folder;
  const support::DiskOrder order;
  io::AtomicFile file(folder / "f");
  const std::string temporary = file.temporary().string();
  file.write("new");
  file.commit();
  const std::string target = (folder / "f").string();
  CHECK(order.events() == std::vector<std::string>{"fsync " + temporary + " 3", "rename " + temporary + " " + target,
                                                   "fsync " + folder.path().string()});
}

TEST_CASE("AtomicFile: where the disk has failed once, the file does not take its place even if it does not again") {
  const TemporaryFolder folder;
  write_file(folder / "f", "old");
  io::AtomicFile file(folder / "f");
  file.write("new");
  support::DiskOrder order;
  order.fail_next_fsync();
  const std::string name = (folder / "f").string();
  CHECK_THROWS_WITH_AS(file.commit(), (name + ": cannot be written: Input/output error").c_str(), IoError);
  CHECK_THROWS_WITH_AS(file.commit(), (name + ": cannot be written: an earlier part is missing").c_str(), IoError);
  CHECK(io::read_text(folder / "f") == "old");
}

TEST_CASE("AtomicFile: what is written after the commit is not lost unnoticed") {
  const TemporaryFolder folder;
  io::AtomicFile file(folder / "f");
  file.commit();
  const std::string words = (folder / "f").string() + ": need all to be written before the commit";
  CHECK_THROWS_WITH_AS(file.write("late"), words.c_str(), ArgumentError);
  CHECK_THROWS_WITH_AS(file.commit(), words.c_str(), ArgumentError);
}

TEST_CASE("AtomicFile: a file that its owner has protected stays, but for the superuser") {
  const TemporaryFolder folder;
  write_file(folder / "f", "kept");
  std::filesystem::permissions(folder / "f", std::filesystem::perms::owner_read);
  const bool root = ::geteuid() == 0;
  if (root) {  // as another, who may write the folder
    constexpr uid_t nobody = 65534;
    std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
    REQUIRE(::chown((folder / "f").c_str(), nobody, nobody) == 0);
    REQUIRE(::seteuid(nobody) == 0);
  }
  std::string words;
  try {
    io::write_atomically(folder / "f", "lost");
  } catch (const IoError& error) {
    words = error.what();
  }
  if (root) {
    REQUIRE(::seteuid(0) == 0);
  }
  CHECK(words == (folder / "f").string() + ": cannot be written: Permission denied");
  CHECK(io::read_text(folder / "f") == "kept");
}

TEST_CASE("AtomicFile: the new file has the permissions of the old one") {
  const TemporaryFolder folder;
  write_file(folder / "f", "old");
  const auto ours = std::filesystem::perms::owner_read | std::filesystem::perms::owner_write;
  std::filesystem::permissions(folder / "f", ours);
  io::write_atomically(folder / "f", "new");
  CHECK(std::filesystem::status(folder / "f").permissions() == ours);
}

TEST_CASE("AtomicFile: two files for one target do not disturb each other, the last commit wins") {
  const TemporaryFolder folder;
  io::AtomicFile first(folder / "f");
  io::AtomicFile second(folder / "f");
  first.write("first");
  second.write("second");
  second.commit();
  first.commit();
  CHECK(io::read_text(folder / "f") == "first");
}

TEST_CASE("AtomicFile: a folder that does not exist, a folder as target, a name that is too long") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH_AS(io::AtomicFile("/nowhere/f"), "/nowhere/f: cannot be written: No such file or directory",
                       IoError);
  CHECK_THROWS_WITH_AS(io::AtomicFile(folder.path()),
                       (folder.path().string() + ": cannot be written: Is a directory").c_str(), IoError);
  const std::string name(300, 'n');
  CHECK_THROWS_WITH_AS(io::AtomicFile(folder / name),
                       ((folder / name).string() + ": cannot be written: File name too long").c_str(), IoError);
  CHECK(folder.entries() == 0);
}

TEST_CASE("AtomicFile: a symbolic link stays and its target is replaced; a device is refused") {
  const TemporaryFolder folder;
  write_file(folder / "target", "old");
  std::filesystem::create_symlink("target", folder / "link");
  io::write_atomically(folder / "link", "new");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(io::read_text(folder / "target") == "new");
  std::filesystem::create_directory(folder / "other");
  std::filesystem::create_symlink("other/later", folder / "dangling");
  std::filesystem::create_symlink(folder / "dangling", folder / "chain");
  io::write_atomically(folder / "chain", "made");
  CHECK(std::filesystem::is_symlink(folder / "dangling"));
  CHECK(io::read_text(folder / "other" / "later") == "made");
  std::filesystem::create_symlink("loop", folder / "loop");
  CHECK_THROWS_WITH_AS(io::AtomicFile(folder / "loop"),
                       ((folder / "loop").string() + ": cannot be written: Too many levels of symbolic links").c_str(),
                       IoError);
  CHECK_THROWS_WITH_AS(io::AtomicFile("/dev/null"),
                       "/dev/null: cannot be written: need a regular file, got a device or pipe", IoError);
}
