#include <engram/embed/umap/components.hpp>

#include <doctest/doctest.h>

#include <vector>

#include "support/graphs.hpp"

using namespace engram;
using embed::connected_components;
using support::golden_graph;
using support::graph_of;

TEST_CASE("connected_components: numbered by their first rows") {
  const auto found =
      connected_components(graph_of(6, 6, {{0, 3, 1}, {1, 4, 0.5F}, {3, 0, 1}, {3, 5, 1}, {4, 1, 0.5F}, {5, 3, 1}}));
  CHECK(found.count == 3);
  CHECK(found.labels == std::vector<std::int32_t>{0, 1, 2, 0, 1, 0});
}

TEST_CASE("connected_components: an edge in one direction joins, an edge of weight 0 does not") {
  CHECK(connected_components(graph_of(3, 3, {{2, 0, 1}})).labels == std::vector<std::int32_t>{0, 1, 0});
  CHECK(connected_components(graph_of(3, 3, {{0, 1, 0}, {1, 0, 0}, {2, 2, 1}})).count == 3);
}

TEST_CASE("connected_components: none in an empty graph") {
  const auto found = connected_components(graph_of(0, 0, {}));
  CHECK(found.count == 0);
  CHECK(found.labels.empty());
}

TEST_CASE("connected_components: a long chain, whichever way it is numbered") {
  constexpr Index rows = 200'000;
  std::vector<support::Edge> forward;
  std::vector<support::Edge> folded;  // even rows up, then odd rows down
  for (Index i = 0; i < rows; ++i) {
    if (i + 1 < rows) {
      forward.push_back({i, static_cast<std::int32_t>(i + 1), 1});
    }
    folded.push_back({i, static_cast<std::int32_t>(i + 2 < rows ? i + 2 : rows - 1), 1});
  }
  CHECK(connected_components(graph_of(rows, rows, forward)).count == 1);
  CHECK(connected_components(graph_of(rows, rows, folded)).count == 1);
}

TEST_CASE("connected_components: the six blobs apart, the digits and the roll in one piece") {
  const auto blobs = connected_components(golden_graph("blobs_graph", 300, 300));
  const auto classes = io::read_npy(ENGRAM_TEST_DIR "/golden_manifold/blobs_y.npy").as<std::int32_t>();
  CHECK(blobs.count == 6);
  for (Index i = 0; i < 300; ++i) {  // one label per class
    for (Index j = 0; j < i; ++j) {
      const bool same = blobs.labels[static_cast<std::size_t>(i)] == blobs.labels[static_cast<std::size_t>(j)];
      REQUIRE(same == (classes[i] == classes[j]));
    }
  }
  CHECK(connected_components(golden_graph("digits_graph", 1797, 1797)).count == 1);
  CHECK(connected_components(golden_graph("roll_graph", 300, 300)).count == 1);
}
