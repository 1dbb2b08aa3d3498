// Which frames labels are decoded from and which they are decoded for, chosen by the options --folds, --blocks and
// --gap.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <engram/analysis/block_folds.hpp>
#include <engram/analysis/held_out_fold.hpp>
#include <engram/core/error.hpp>

#include "support/program.hpp"
#include "support/split.hpp"

namespace support {

struct FoldChoice {
  std::string kind = "blocks";  ///< blocks or held_out
  Index blocks = 10;
  Index gap = 30;

  bool held_out() const { return kind == "held_out"; }
};

inline void add_fold_options(CLI::App& app, FoldChoice& choice) {
  app.add_option("--folds", choice.kind,
                 "blocks: each block of time from the others; held_out: the frames that no model has learned from, "
                 "from those it has, which alone tells of a tagger's codes of new frames")
      ->capture_default_str()
      ->check(CLI::IsMember({"blocks", "held_out"}));
  app.add_option("--blocks", choice.blocks, "How many, for --folds blocks")
      ->capture_default_str()
      ->check(whole_number(2));
  app.add_option("--gap", choice.gap, "Frames on either side of those decoded that are not learned from")
      ->capture_default_str()
      ->check(whole_number(0));
}

/// @param frames   of the recording
/// @param folders  the models' trainings, which know what they held out
/// @throws ArgumentError if frames are too few, or not the same are held out by all
inline std::vector<engram::analysis::Fold> make_folds(const FoldChoice& choice, Index frames,
                                                      const std::vector<std::filesystem::path>& folders) {
  if (!choice.held_out()) {
    return engram::analysis::block_folds(frames, choice.blocks, choice.gap);
  }
  const std::vector<Index> held_out = held_out_indices(folders.front());
  for (const auto& folder : folders) {
    engram::ensure<engram::ArgumentError>(held_out_indices(folder) == held_out, folder.string(),
                                          ": need models with the same frames held out, got others than those of ",
                                          folders.front().string());
  }
  return {engram::analysis::held_out_fold(frames, held_out, choice.gap)};
}

inline void print_folds(const FoldChoice& choice, Index frames, const std::vector<engram::analysis::Fold>& folds) {
  if (choice.held_out()) {
    std::printf("%td frames, %zu held out and decoded from %zu others\n", frames, folds[0].held_out.size(),
                folds[0].training.size());
  } else {
    std::printf("%td frames, each of %zu blocks decoded from the others\n", frames, folds.size());
  }
}

}  // namespace support
