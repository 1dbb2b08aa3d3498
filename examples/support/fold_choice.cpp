#include "support/fold_choice.hpp"

namespace support {

void add_fold_options(CLI::App& app, FoldChoice& choice) {
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

std::vector<engram::analysis::Fold> make_folds(const FoldChoice& choice, Index frames,
                                               const std::vector<std::filesystem::path>& folders) {
  if (!choice.held_out()) {
    return engram::naming("--blocks, --gap",
                          [&] { return engram::analysis::block_folds(frames, choice.blocks, choice.gap); });
  }
  const std::vector<Index> held_out = held_out_indices(folders.front());
  for (const auto& folder : folders) {
    engram::ensure<engram::ArgumentError>(held_out_indices(folder) == held_out, folder.string(),
                                          ": need models with the same frames held out, got others than those of ",
                                          folders.front().string());
  }
  return engram::naming((folders.front() / "held_out.npz").string() + ", --gap",
                        [&] { return std::vector{engram::analysis::held_out_fold(frames, held_out, choice.gap)}; });
}

void print_folds(const FoldChoice& choice, Index frames, const std::vector<engram::analysis::Fold>& folds) {
  if (choice.held_out()) {
    std::printf("%td frames, %zu held out and decoded from %zu others\n", frames, folds[0].held_out.size(),
                folds[0].training.size());
  } else {
    std::printf("%td frames, each of %zu blocks decoded from the others\n", frames, folds.size());
  }
}

}  // namespace support
