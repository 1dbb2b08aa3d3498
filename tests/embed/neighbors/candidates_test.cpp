#include <engram/embed/neighbors/candidates.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <vector>

using namespace engram;
using namespace engram::embed::detail;

namespace {

/// 4 rows: 0 and 1 know each other, 2 and 3 know 0; 0's entry of 1 is not fresh, the others are.
RunningLists<float> example_lists() {
  RunningLists<float> lists(4, 1);
  lists.indices = {1, 0, 0, 0};
  lists.distances = {1, 1, 2, 3};
  lists.fresh = {0, 1, 1, 1};
  return lists;
}

/// A ring of n rows, each with those that follow it.
RunningLists<float> ring(Index n, Index length) {
  RunningLists<float> lists(n, length);
  for (Index i = 0; i < n * length; ++i) {
    lists.indices[static_cast<std::size_t>(i)] = static_cast<std::int32_t>((i / length + 1 + i % length) % n);
    lists.distances[static_cast<std::size_t>(i)] = static_cast<float>(1 + i % length);
  }
  return lists;
}

std::vector<std::int32_t> fresh_ones(const JoinCandidates& candidates, Index row) {
  std::vector<std::int32_t> result(candidates.fresh(row),
                                   candidates.fresh(row) + candidates.fresh_counts[static_cast<std::size_t>(row)]);
  std::ranges::sort(result);
  return result;
}

}  // namespace

TEST_CASE("candidates: reverse lists say who has a row in its list, and where it is fresh") {
  const auto owners = reverse(example_lists());
  CHECK(owners.offsets == std::vector<Index>{0, 3, 4, 4, 4});
  CHECK(owners.owners == std::vector<std::int32_t>{~1, ~2, ~3, 0});
}

TEST_CASE("candidates: both directions count, each row once, fresh if it is in one of them") {
  auto lists = example_lists();
  JoinCandidates candidates;
  candidates.capacity = 5;
  draw_candidates(lists, 1, candidates);
  CHECK(fresh_ones(candidates, 0) == std::vector<std::int32_t>{1, 2, 3});
  CHECK(candidates.other_counts[0] == 0);
  CHECK(fresh_ones(candidates, 1) == std::vector<std::int32_t>{0});
  CHECK(fresh_ones(candidates, 3) == std::vector<std::int32_t>{0});
  CHECK(lists.fresh == std::vector<std::uint8_t>{0, 0, 0, 0});
}

TEST_CASE("candidates: rows without fresh ones have none at all") {
  auto lists = example_lists();
  lists.fresh.assign(4, 0);
  JoinCandidates candidates;
  candidates.capacity = 5;
  draw_candidates(lists, 1, candidates);
  CHECK(std::ranges::count(candidates.fresh_counts, 0) == 4);
  CHECK(std::ranges::count(candidates.other_counts, 0) == 4);
}

TEST_CASE("candidates: at most `capacity` are drawn, and only drawn entries stop being fresh") {
  auto lists = ring(50, 6);
  JoinCandidates candidates;
  candidates.capacity = 4;
  draw_candidates(lists, 7, candidates);
  for (Index row = 0; row < 50; ++row) {
    const auto drawn = fresh_ones(candidates, row);
    CHECK(drawn.size() == 4);
    CHECK(std::set<std::int32_t>(drawn.begin(), drawn.end()).size() == 4);
    for (Index i = 0; i < 6; ++i) {
      const bool is_drawn = std::ranges::binary_search(drawn, lists.indices_of(row)[i]);
      CHECK(is_drawn == (lists.fresh_of(row)[i] == 0));
    }
  }
}

TEST_CASE("candidates: another seed draws others") {
  auto lists = ring(50, 6);
  auto same = lists;
  auto other = lists;
  JoinCandidates a, b, c;
  a.capacity = b.capacity = c.capacity = 4;
  draw_candidates(lists, 7, a);
  draw_candidates(same, 7, b);
  draw_candidates(other, 8, c);
  CHECK(lists.fresh == same.fresh);
  CHECK(lists.fresh != other.fresh);
}
