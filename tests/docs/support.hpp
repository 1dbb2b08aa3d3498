#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <doctest/doctest.h>

#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

/// What the tests made of the pages' blocks need.
namespace docs {

/// A folder of its own in which a block runs.
class TestFolder {
 public:
  TestFolder() { std::filesystem::current_path(folder_.path()); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() { std::filesystem::current_path(before_); }

 private:
  std::filesystem::path before_ = std::filesystem::current_path();
  TemporaryFolder folder_;
};

/// Checks that a block is a program of examples/, but for the comment at its top, and that the program runs.
/// @param path  examples/NAME.cpp
inline void check_program(const std::string& block, const std::filesystem::path& path) {
  std::ifstream file(std::filesystem::path(ENGRAM_SOURCE_DIR) / path);
  std::string source{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  while (source.starts_with("//")) {
    source.erase(0, source.find('\n') + 1);
  }
  CHECK(block == source);
  const auto result = support::run_program(path.stem().string(), {});
  INFO(result.output);
  CHECK(result.status == 0);
}

}  // namespace docs
