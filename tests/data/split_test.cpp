#include <engram/data/split.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace engram;
using data::block_split;
using data::random_split;
using data::Split;

namespace {

using Positions = std::vector<Index>;

/// Whether both parts ascend and hold 0 .. count-1 together, each once.
bool partitions(const Split& split, Index count) {
  Positions all = split.training;
  all.insert(all.end(), split.held_out.begin(), split.held_out.end());
  std::ranges::sort(all);
  for (Index i = 0; i < std::ssize(all); ++i) {
    if (all[static_cast<std::size_t>(i)] != i) {
      return false;
    }
  }
  return std::ssize(all) == count && std::ranges::is_sorted(split.training) && std::ranges::is_sorted(split.held_out);
}

}  // namespace

TEST_CASE("random_split: a partition with round(fraction * count) held out") {
  for (const auto& [count, fraction, held_out] :
       {std::tuple{10, 0.2, 2}, {10, 0.0, 0}, {7, 0.5, 4}, {1, 0.0, 0}, {1000, 0.999, 999}}) {
    const Split split = random_split(count, fraction, Rng(3));
    CHECK(partitions(split, count));
    CHECK(std::ssize(split.held_out) == held_out);
  }
}

TEST_CASE("random_split: a function of the seed, spread over all frames") {
  CHECK(random_split(1000, 0.2, Rng(1)).held_out == random_split(1000, 0.2, Rng(1)).held_out);
  CHECK(random_split(1000, 0.2, Rng(1)).held_out != random_split(1000, 0.2, Rng(2)).held_out);
  const auto held_out = random_split(1000, 0.2, Rng(1)).held_out;
  const auto first_half = std::ranges::count_if(held_out, [](Index i) { return i < 500; });
  CHECK(std::abs(static_cast<double>(first_half) - 100) < 30);  // hypergeometric: 6.3 is one standard deviation
}

TEST_CASE("random_split: needs a fraction and a frame to learn from") {
  for (const auto& [fraction, text] : {std::pair{1.0, "1"}, {-0.1, "-0.1"}, {std::nan(""), "nan"}}) {
    CHECK_THROWS_WITH_AS(random_split(10, fraction, Rng(1)),
                         (std::string("random_split: need 0 <= fraction < 1, got ") + text).c_str(), ArgumentError);
  }
  CHECK_THROWS_WITH_AS(random_split(2, 0.9, Rng(1)),
                       "random_split: need a frame to learn from, got 2 frames of which 2 are held out", ArgumentError);
  CHECK_THROWS_WITH_AS(random_split(0, 0, Rng(1)),
                       "random_split: need a frame to learn from, got 0 frames of which 0 are held out", ArgumentError);
}

TEST_CASE("block_split: contiguous blocks of nearly equal length") {
  const Split split = block_split(10, 4, Positions{1, 3});  // 0 1 2 | 3 4 | 5 6 7 | 8 9
  CHECK(split.held_out == Positions{3, 4, 8, 9});
  CHECK(split.training == Positions{0, 1, 2, 5, 6, 7});
  for (Index blocks = 1; blocks <= 13; ++blocks) {
    for (Index block = 0; block < blocks && blocks > 1; ++block) {
      const Split one = block_split(13, blocks, Positions{block});
      CHECK(partitions(one, 13));
      const Index length = std::ssize(one.held_out);
      CHECK((length == 13 / blocks || length == (13 + blocks - 1) / blocks));
      CHECK(one.held_out.back() - one.held_out.front() == length - 1);
    }
  }
}

TEST_CASE("block_split: none held out, one named twice") {
  CHECK(block_split(5, 5, Positions{}).training == Positions{0, 1, 2, 3, 4});
  CHECK(block_split(4, 2, Positions{1, 1}).held_out == Positions{2, 3});
}

TEST_CASE("block_split: needs blocks that exist, and one to learn from") {
  CHECK_THROWS_WITH_AS(block_split(3, 4, Positions{0}), "block_split: need 1 <= blocks <= 3 frames, got 4 blocks",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(block_split(3, 0, Positions{}), "block_split: need 1 <= blocks <= 3 frames, got 0 blocks",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(block_split(9, 3, Positions{1, 3}), "block_split: need blocks in 0..2, got 3", ArgumentError);
  CHECK_THROWS_WITH_AS(block_split(9, 3, Positions{-1}), "block_split: need blocks in 0..2, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(block_split(9, 2, Positions{0, 1}),
                       "block_split: need a block to learn from, got all 2 held out", ArgumentError);
}
