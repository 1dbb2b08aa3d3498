#include <engram/analysis/held_out_fold.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace engram;
using namespace engram::analysis;

using Rows = std::vector<Index>;

TEST_CASE("held_out_fold: learns from all frames that are not held out") {
  const Fold fold = held_out_fold(7, {5, 1, 2});
  CHECK(fold.held_out == Rows{1, 2, 5});
  CHECK(fold.training == Rows{0, 3, 4, 6});
}

TEST_CASE("held_out_fold: a gap keeps the frames beside those held out away") {
  CHECK(held_out_fold(12, {4, 5}, 2).training == Rows{0, 1, 8, 9, 10, 11});
  CHECK(held_out_fold(9, {0, 6}, 1).training == Rows{2, 3, 4, 8});
  for (const Index gap : {0, 1, 3}) {  // one block: as block_folds
    for (const Fold& block : block_folds(23, 4, gap)) {
      CHECK(held_out_fold(23, block.held_out, gap).training == block.training);
    }
  }
}

TEST_CASE("held_out_fold: errors say what was needed and what was got") {
  CHECK_THROWS_WITH_AS(held_out_fold(5, {1}, -1), "held_out_fold: need gap >= 0, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(held_out_fold(5, {}), "held_out_fold: need frames that are held out, got none", ArgumentError);
  CHECK_THROWS_WITH_AS(held_out_fold(5, {2, 5}), "held_out_fold: need frames in 0..4, got 5", ArgumentError);
  CHECK_THROWS_WITH_AS(held_out_fold(5, {2, -1}), "held_out_fold: need frames in 0..4, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(held_out_fold(5, {2, 1, 2}), "held_out_fold: need each frame once, got 2 twice", ArgumentError);
  CHECK_THROWS_WITH_AS(held_out_fold(5, {2}, 2),
                       "held_out_fold: need a frame to learn from, got 5 frames, 1 of them held out, and a gap of 2",
                       ArgumentError);
}
