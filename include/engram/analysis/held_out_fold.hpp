#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

#include <engram/analysis/block_folds.hpp>
#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram::analysis {

/// The one fold of a recording some frames of which are kept apart: all others are learned from, but for those at most
/// `gap` frames from one that is held out, which resemble it.
/// @param count     frames, in the order of time
/// @param held_out  in any order, each once
/// @param gap       >= 0
/// @throws ArgumentError for a gap < 0, a frame that there is not or is listed twice, or if none is held out or left to
/// learn from
inline Fold held_out_fold(Index count, std::vector<Index> held_out, Index gap = 0) {
  ensure<ArgumentError>(gap >= 0, "held_out_fold: need gap >= 0, got ", gap);
  ensure<ArgumentError>(!held_out.empty(), "held_out_fold: need frames that are held out, got none");
  std::ranges::sort(held_out);
  ensure<ArgumentError>(held_out.front() >= 0 && held_out.back() < count, "held_out_fold: need frames in 0..",
                        count - 1, ", got ", held_out.front() < 0 ? held_out.front() : held_out.back());
  const auto twice = std::ranges::adjacent_find(held_out);
  ensure<ArgumentError>(twice == held_out.end(), "held_out_fold: need each frame once, got ",
                        twice == held_out.end() ? 0 : *twice, " twice");
  Fold fold{{}, std::move(held_out)};
  auto next = fold.held_out.begin();  // the first held-out frame that is not before frame i - gap
  for (Index i = 0; i < count; ++i) {
    while (next != fold.held_out.end() && *next < i - gap) {
      ++next;
    }
    if (next == fold.held_out.end() || *next > i + gap) {
      fold.training.push_back(i);
    }
  }
  ensure<ArgumentError>(!fold.training.empty(), "held_out_fold: need a frame to learn from, got ", count, " frames, ",
                        fold.held_out.size(), " of them held out, and a gap of ", gap);
  return fold;
}

}  // namespace engram::analysis
