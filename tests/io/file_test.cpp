#include <engram/io/file.hpp>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <string>

#include <engram/io/atomic_file.hpp>

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

TEST_CASE("InputFile: pipes and devices are refused, and not waited for") {
  const TemporaryFolder folder;
  REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
  CHECK_THROWS_WITH_AS(
      io::InputFile(folder / "pipe"),
      ((folder / "pipe").string() + ": cannot be read: need a regular file, got a device or pipe").c_str(), IoError);
  CHECK_THROWS_AS(io::read_text("/dev/zero"), IoError);
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
