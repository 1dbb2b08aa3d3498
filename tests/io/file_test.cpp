#include <engram/io/file.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "support/file_size_limit.hpp"
#include "support/temporary_folder.hpp"

using namespace engram;

TEST_CASE("InputFile: reads at any place, and nothing beyond its end") {
  const TemporaryFolder folder;
  io::write_atomically(folder / "f", "0123456789");
  const io::InputFile file(folder / "f");
  CHECK(file.size() == 10);
  std::array<std::byte, 4> bytes{};
  file.read(6, bytes);
  CHECK(std::to_integer<char>(bytes[3]) == '9');
  CHECK_THROWS_WITH_AS(file.read(7, bytes),
                       ((folder / "f").string() + ": need at least 11 bytes, got 10: the file is cut short").c_str(),
                       FormatError);
  CHECK_THROWS_AS(file.read(static_cast<std::size_t>(-2), bytes), FormatError);
}

TEST_CASE("InputFile: a file that shrinks while it is open") {
  const TemporaryFolder folder;
  io::write_atomically(folder / "f", "0123456789");
  const io::InputFile file(folder / "f");
  std::filesystem::resize_file(folder / "f", 3);
  std::array<std::byte, 10> bytes{};
  CHECK_THROWS_WITH_AS(file.read(0, bytes),
                       ((folder / "f").string() + ": ends at byte 3 while it is being read").c_str(), FormatError);
}

TEST_CASE("InputFile: a missing file and a folder are named with the reason") {
  CHECK_THROWS_WITH_AS(io::InputFile("/nowhere/f"), "/nowhere/f: cannot be read: No such file or directory", IoError);
  CHECK_THROWS_WITH_AS(io::InputFile("/"), "/: cannot be read: Is a directory", IoError);
}

TEST_CASE("read_text and read_bytes: the whole file, zero bytes included") {
  const TemporaryFolder folder;
  const std::string content("a\0\xFF\n", 4);
  io::write_atomically(folder / "f", content);
  CHECK(io::read_text(folder / "f") == content);
  CHECK(io::read_bytes(folder / "f").size() == 4);
  io::write_atomically(folder / "empty", "");
  CHECK(io::read_text(folder / "empty").empty());
}

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
    const support::FileSizeLimit limit(100'000);
    CHECK_THROWS_WITH_AS(io::write_atomically(folder / "f", std::string(200'000, 'x')), expected.c_str(), IoError);
  }
  {
    const support::FileSizeLimit limit(1000);  // fails only when commit flushes
    io::AtomicFile file(folder / "f");
    file.write(std::string(2000, 'x'));
    CHECK_THROWS_WITH_AS(file.commit(), expected.c_str(), IoError);
  }
  CHECK(io::read_text(folder / "f") == "old");
  CHECK(folder.entries() == 1);
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
  CHECK_THROWS_WITH_AS(io::AtomicFile("/dev/null"),
                       "/dev/null: cannot be written: need a regular file, got a device or pipe", IoError);
}
