#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "support/run_program.hpp"
#include "support/temporary_folder.hpp"

namespace support {

/// A folder with a recording of 120 frames of the arena, of which trainings hold out 24.
struct Workshop {
  TemporaryFolder folder;
  std::string arena = (folder / "arena.npz").string();

  Workshop() { REQUIRE(run_program("make_arena", {"--frames", "120", "--seed", "3", "--out", arena}).status == 0); }

  std::string path(const std::string& name) const { return (folder / name).string(); }

  /// A training of the smallest useful size into the folder `out`: 3 epochs unless `more` says otherwise.
  ProgramResult train(const std::string& program, const std::string& out, std::vector<std::string> more = {}) const {
    std::vector<std::string> all{"--images", arena, "--out", path(out), "--width", "4", "--batch-size", "16"};
    if (std::ranges::find(more, "--epochs") == more.end()) {
      more.insert(more.end(), {"--epochs", "3"});
    }
    all.insert(all.end(), more.begin(), more.end());
    return run_program(program, all);
  }
};

}  // namespace support
