#include <engram/embed/neighbors/running_lists.hpp>

#include <doctest/doctest.h>

#include <vector>

using engram::embed::detail::RunningLists;

namespace {

/// One list of three: rows 5, 6, 7 at distances 1, 2, 2, none fresh.
RunningLists<float> example() {
  RunningLists<float> lists(1, 3);
  lists.indices = {5, 6, 7};
  lists.distances = {1, 2, 2};
  lists.fresh = {0, 0, 0};
  return lists;
}

}  // namespace

TEST_CASE("running lists: a nearer row pushes out the farthest and is fresh") {
  auto lists = example();
  CHECK(lists.worst(0) == 2);
  CHECK(lists.insert(0, 9, 1.5F));
  CHECK(lists.indices == std::vector<std::int32_t>{5, 9, 6});
  CHECK(lists.distances == std::vector<float>{1, 1.5F, 2});
  CHECK(lists.fresh == std::vector<std::uint8_t>{0, 1, 0});
}

TEST_CASE("running lists: who is there or is not nearer than the last is not put in") {
  auto lists = example();
  CHECK_FALSE(lists.insert(0, 5, 1));
  CHECK_FALSE(lists.insert(0, 8, 2));
  CHECK_FALSE(lists.insert(0, 8, 3));
  CHECK(lists.indices == example().indices);
}

TEST_CASE("running lists: lacks those whom it would put in") {
  auto lists = example();
  CHECK(lists.lacks(0, 9, 1.5F));
  CHECK(lists.lacks(0, 8, 1));
  CHECK_FALSE(lists.lacks(0, 5, 1));
  CHECK_FALSE(lists.lacks(0, 8, 2));
  CHECK_FALSE(lists.lacks(0, 8, 3));
}

TEST_CASE("running lists: an equally near one comes after those who are there") {
  auto lists = example();
  CHECK(lists.insert(0, 8, 1));
  CHECK(lists.indices == std::vector<std::int32_t>{5, 8, 6});
  CHECK_FALSE(lists.insert(0, 5, 1));
  CHECK_FALSE(lists.insert(0, 8, 1));
}
