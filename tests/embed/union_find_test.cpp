#include <engram/embed/union_find.hpp>

#include <doctest/doctest.h>

#include <engram/core/random.hpp>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

using namespace engram;
using embed::UnionFind;

TEST_CASE("union find: at first each is alone; joined ones share their smallest") {
  UnionFind sets(6);
  for (std::int32_t i = 0; i < 6; ++i) {
    CHECK(sets.root(i) == i);
  }
  CHECK(sets.join(5, 3) == 3);
  CHECK(sets.join(1, 4) == 1);
  CHECK(sets.join(5, 5) == 3);
  CHECK(sets.root(5) == 3);
  CHECK(sets.join(5, 4) == 1);
  CHECK(sets.join(3, 1) == 1);
  const std::int32_t expected[] = {0, 1, 2, 1, 1, 1};
  for (std::int32_t i = 0; i < 6; ++i) {
    CHECK(sets.root(i) == expected[i]);
  }
}

TEST_CASE("union find: random joins as relabelling all members") {
  constexpr Index n = 300;
  UnionFind sets(n);
  std::vector<std::int32_t> labels(n);
  std::iota(labels.begin(), labels.end(), 0);
  Rng rng(1);
  for (int step = 0; step < 250; ++step) {
    const auto a = static_cast<std::int32_t>(rng.below(n));
    const auto b = static_cast<std::int32_t>(rng.below(n));
    const std::int32_t of_a = labels[static_cast<std::size_t>(a)];
    const std::int32_t of_b = labels[static_cast<std::size_t>(b)];
    std::ranges::replace(labels, std::max(of_a, of_b), std::min(of_a, of_b));
    CHECK(sets.join(a, b) == std::min(of_a, of_b));
  }
  for (std::int32_t i = 0; i < n; ++i) {
    CHECK(sets.root(i) == labels[static_cast<std::size_t>(i)]);
  }
}
