#pragma once

#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram::analysis {

/// Rows to learn from and rows to be predicted, both ascending.
struct Fold {
  std::vector<Index> training;
  std::vector<Index> held_out;
};

/// Folds of cross-validation over a recording in time: each holds out one of `folds` contiguous blocks of nearly equal
/// length (block b holds the rows i with floor(i * folds / count) = b) and learns from the others.
///
/// Neighbouring frames are near duplicates, so that folds drawn at random measure memory. Those beside a block still
/// resemble it: `gap` leaves them out, as Racine's hv-block cross-validation.
/// @param count  rows, in the order of time
/// @param folds  2 .. count
/// @param gap    rows on either side of the block that are not learned from, >= 0
/// @throws ArgumentError for other numbers, or if a fold has no row left to learn from
/// Source: Racine, "Consistent cross-validatory model-selection for dependent data: hv-block cross-validation", Journal
/// of Econometrics 99(1), 2000.
inline std::vector<Fold> block_folds(Index count, Index folds = 10, Index gap = 0) {
  ensure<ArgumentError>(folds >= 2 && folds <= count, "block_folds: need 2 <= folds <= ", count, " (the rows), got ",
                        folds);
  ensure<ArgumentError>(gap >= 0, "block_folds: need gap >= 0, got ", gap);
  std::vector<Fold> result(static_cast<std::size_t>(folds));
  for (Index fold = 0; fold < folds; ++fold) {
    const Index begin = (fold * count + folds - 1) / folds;
    const Index end = ((fold + 1) * count + folds - 1) / folds;
    Fold& rows = result[static_cast<std::size_t>(fold)];
    for (Index i = 0; i < count; ++i) {
      if (i >= begin && i < end) {
        rows.held_out.push_back(i);
      } else if (begin - i > gap || i - end >= gap) {
        rows.training.push_back(i);
      }
    }
    ensure<ArgumentError>(!rows.training.empty(), "block_folds: need a row to learn from beside each block, got ",
                          count, " rows, ", folds, " folds and a gap of ", gap);
  }
  return result;
}

}  // namespace engram::analysis
