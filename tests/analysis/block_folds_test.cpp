#include <engram/analysis/block_folds.hpp>

#include <doctest/doctest.h>

#include <numeric>
#include <vector>

#include <engram/data/split.hpp>

using namespace engram;
using namespace engram::analysis;

using Rows = std::vector<Index>;

TEST_CASE("block_folds: contiguous blocks, all other rows to learn from") {
  const auto folds = block_folds(7, 3);
  REQUIRE(folds.size() == 3);
  CHECK(folds[0].held_out == Rows{0, 1, 2});
  CHECK(folds[1].held_out == Rows{3, 4});
  CHECK(folds[2].held_out == Rows{5, 6});
  CHECK(folds[0].training == Rows{3, 4, 5, 6});
  CHECK(folds[1].training == Rows{0, 1, 2, 5, 6});
  CHECK(folds[2].training == Rows{0, 1, 2, 3, 4});
}

TEST_CASE("block_folds: a gap keeps the rows beside the block out") {
  const auto folds = block_folds(12, 4, 2);
  CHECK(folds[0].training == Rows{5, 6, 7, 8, 9, 10, 11});
  CHECK(folds[1].held_out == Rows{3, 4, 5});
  CHECK(folds[1].training == Rows{0, 8, 9, 10, 11});
  CHECK(folds[3].training == Rows{0, 1, 2, 3, 4, 5, 6});
}

TEST_CASE("block_folds: the blocks of data::block_split, each row held out once") {
  for (const Index count : {10, 23, 100, 1001}) {
    Rows rows;
    const auto folds = block_folds(count);
    for (Index b = 0; b < 10; ++b) {
      const Fold& fold = folds[static_cast<std::size_t>(b)];
      const data::Split split = data::block_split(count, 10, std::vector<Index>{b});
      CHECK(fold.held_out == split.held_out);
      CHECK(fold.training == split.training);
      rows.insert(rows.end(), fold.held_out.begin(), fold.held_out.end());
    }
    Rows all(static_cast<std::size_t>(count));
    std::iota(all.begin(), all.end(), Index{0});
    CHECK(rows == all);
  }
}

TEST_CASE("block_folds: errors say what was needed and what was got") {
  CHECK_THROWS_WITH_AS(block_folds(20, 1), "block_folds: need 2 <= folds <= 20 (the rows), got 1", ArgumentError);
  CHECK_THROWS_WITH_AS(block_folds(9), "block_folds: need 2 <= folds <= 9 (the rows), got 10", ArgumentError);
  CHECK_THROWS_WITH_AS(block_folds(20, 2, -1), "block_folds: need gap >= 0, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(block_folds(20, 2, 10),
                       "block_folds: need a row to learn from beside each block, got 20 rows, 2 folds and a gap of 10",
                       ArgumentError);
}
