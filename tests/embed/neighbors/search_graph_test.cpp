#include <engram/embed/neighbors/search_graph.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include <engram/embed/neighbors/exact.hpp>

#include "support/neighbor_lists.hpp"

using namespace engram;
using namespace engram::embed;
using namespace engram::embed::detail;

TEST_CASE("search graph: links go both ways") {
  const auto linked = linked_rows(Tensor<std::int32_t>::from({3, 2}, {0, 1, 1, 2, 2, 1}));
  CHECK(linked[0] == std::vector<std::int32_t>{1});
  CHECK(linked[1] == std::vector<std::int32_t>{0, 2, 2});
  CHECK(linked[2] == std::vector<std::int32_t>{1, 1});
}

TEST_CASE("search graph: a row behind a nearer one is left out") {
  // Row 0 at 0; rows 1, 2 on its right, 2 behind 1; row 3 on its left.
  const PreparedRows<float> rows(Tensor<float>::from({4, 1}, {0, 1, 1.5F, -3}), Metric::euclidean);
  std::vector<std::int32_t> linked{3, 2, 1, 2, 1};
  CHECK(diverse(rows, 0, linked, 10) == std::vector<std::int32_t>{1, 3});
  linked = {3, 2, 1};
  CHECK(diverse(rows, 0, linked, 1) == std::vector<std::int32_t>{1});
}

TEST_CASE("search graph: each component has an entry") {
  SearchGraph graph;  // 0 - 1, 2 - 3, 4
  graph.offsets = {0, 1, 1, 1, 2, 2};
  graph.targets = {1, 2};
  CHECK(draw_entries(graph, 0, Rng(1)) == std::vector<std::int32_t>{0, 2, 4});
  const auto one = draw_entries(graph, 1, Rng(1));
  CHECK(one.size() == 3);
}

TEST_CASE("search graph: few targets, none the row itself, the nearest always") {
  const auto x = clusters<float>(1000, 6, 1);
  const PreparedRows<float> rows(x, Metric::euclidean);
  const auto lists = exact_neighbors(x, 12);
  const auto graph = make_search_graph(rows, lists.indices, 9, Rng(1));
  REQUIRE(graph.offsets.size() == 1001);
  for (Index i = 0; i < 1000; ++i) {
    const auto begin = graph.targets.begin() + graph.offsets[static_cast<std::size_t>(i)];
    const auto end = graph.targets.begin() + graph.offsets[static_cast<std::size_t>(i) + 1];
    CHECK(end - begin <= 9);
    CHECK(std::find(begin, end, static_cast<std::int32_t>(i)) == end);
    CHECK(*begin == lists.indices[i * 12 + 1]);
  }
  CHECK(graph.entries.size() <= 31 + 12);
}
