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

void add_fold_options(CLI::App& app, FoldChoice& choice);

/// @param frames   of the recording
/// @param folders  the models' trainings, which know what they held out
/// @throws FormatError if frames are too few, ArgumentError if not the same are held out by all
std::vector<engram::analysis::Fold> make_folds(const FoldChoice& choice, Index frames,
                                               const std::vector<std::filesystem::path>& folders);

void print_folds(const FoldChoice& choice, Index frames, const std::vector<engram::analysis::Fold>& folds);

}  // namespace support
