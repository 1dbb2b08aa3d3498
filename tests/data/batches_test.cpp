#include <engram/data/batches.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace engram;
using data::Batches;

namespace {

std::vector<Index> sizes(const Batches& batches) {
  std::vector<Index> out;
  for (Index b = 0; b < batches.size(); ++b) {
    out.push_back(std::ssize(batches[b]));
  }
  return out;
}
std::vector<Index> order(const Batches& batches) {
  std::vector<Index> out;
  for (Index b = 0; b < batches.size(); ++b) {
    out.insert(out.end(), batches[b].begin(), batches[b].end());
  }
  return out;
}

}  // namespace

TEST_CASE("Batches: every item exactly once, whatever the sizes") {
  for (Index count = 0; count < 24; ++count) {
    for (Index size = 1; size < 9; ++size) {
      CAPTURE(count);
      CAPTURE(size);
      const Batches batches(count, size, Rng(7));
      CHECK(batches.size() == Batches::count(count, size));
      auto items = order(batches);
      std::ranges::sort(items);
      REQUIRE(std::ssize(items) == count);
      for (Index i = 0; i < count; ++i) {
        CHECK(items[static_cast<std::size_t>(i)] == i);
      }
    }
  }
}

TEST_CASE("Batches: what is left makes a smaller last batch, a single one joins the batch before") {
  CHECK(sizes(Batches(12, 4, Rng(1))) == std::vector<Index>{4, 4, 4});
  CHECK(sizes(Batches(10, 4, Rng(1))) == std::vector<Index>{4, 4, 2});
  CHECK(sizes(Batches(9, 4, Rng(1))) == std::vector<Index>{4, 5});
  CHECK(sizes(Batches(3, 4, Rng(1))) == std::vector<Index>{3});
  CHECK(sizes(Batches(5, 4, Rng(1))) == std::vector<Index>{5});
}

TEST_CASE("Batches: batches of one only if they are asked for or there is but one item") {
  CHECK(sizes(Batches(3, 1, Rng(1))) == std::vector<Index>{1, 1, 1});
  CHECK(sizes(Batches(1, 4, Rng(1))) == std::vector<Index>{1});
  CHECK(sizes(Batches(0, 4, Rng(1))).empty());
}

TEST_CASE("Batches: the order is shuffled, a function of the generator") {
  std::vector<Index> ascending(100);
  for (Index i = 0; i < 100; ++i) {
    ascending[static_cast<std::size_t>(i)] = i;
  }
  CHECK(order(Batches(100, 8, Rng(1))) == order(Batches(100, 8, Rng(1))));
  CHECK(order(Batches(100, 8, Rng(1))) == order(Batches(100, 16, Rng(1))));
  CHECK(order(Batches(100, 8, Rng(1))) != order(Batches(100, 8, Rng(2))));
  CHECK(order(Batches(100, 8, Rng(1))) != ascending);
}

TEST_CASE("Batches: need a size of at least 1") {
  CHECK_THROWS_WITH_AS(Batches(10, 0, Rng(1)), "Batches: need batch_size >= 1, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(Batches(10, -3, Rng(1)), "Batches: need batch_size >= 1, got -3", ArgumentError);
}
