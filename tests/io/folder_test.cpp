#include <engram/io/folder.hpp>

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

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
  CHECK_THROWS_AS(io::make_folder(""), IoError);
}

TEST_CASE("remove_unfinished: only what processes that are no more have begun") {
  const TemporaryFolder folder;
  const std::string living = text("f.", ::getpid(), ".0.tmp");
  const std::vector<std::string> stay{
      living, "f.tmp", ".tmp", "tmp", "f.0.tmp", "f.x.0.tmp", "f.-1.0.tmp", "f.99999999.0.npz", "notes"};
  for (const std::string& name : stay) {
    write_file(folder / name, "mine");
  }
  write_file(folder / "f.99999999.0.tmp", "begun");
  write_file(folder / "f.g.99999999.12.tmp", "begun");
  io::remove_unfinished(folder.path());
  for (const std::string& name : stay) {
    CHECK_MESSAGE(std::filesystem::exists(folder / name), name);
  }
  CHECK_FALSE(std::filesystem::exists(folder / "f.99999999.0.tmp"));
  CHECK_FALSE(std::filesystem::exists(folder / "f.g.99999999.12.tmp"));
  io::remove_unfinished(folder / "nowhere");
}
