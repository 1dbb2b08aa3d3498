#include <engram/embed/umap/fuzzy_graph.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>

#include <engram/io/npy.hpp>

#include "support/graphs.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using embed::bipartite_graph;
using embed::fuzzy_union;
using embed::membership_graph;
using embed::smooth_knn;
using support::golden_graph;
using support::graph_difference;
using support::graph_of;

namespace {

embed::NeighborLists<float> golden_lists(const std::string& name) {
  const std::string start = ENGRAM_TEST_DIR "/golden_manifold/" + name + "_knn_";
  return {io::read_npy(start + "idx.npy").as<std::int32_t>(), io::read_npy(start + "dist.npy").as<float>()};
}

/// sigma 1 and rho 1 for each row.
embed::SmoothKnn unit_fit(Index rows) {
  return {Tensor<float>::full({rows}, 1), Tensor<float>::full({rows}, 1), 1};
}

/// Each of three rows has itself and the other two, at 1 and 2.
embed::NeighborLists<float> triangle() {
  return {Tensor<std::int32_t>::from({3, 3}, {0, 2, 1, 1, 2, 0, 2, 1, 0}),
          Tensor<float>::from({3, 3}, {0, 1, 2, 0, 1, 2, 0, 1, 2})};
}

const float by_one = std::exp(-1.0F);

}  // namespace

TEST_CASE("membership_graph: a triangle, worked out by hand") {
  const auto graph = membership_graph(triangle(), unit_fit(3));
  const auto expected =
      graph_of(3, 3, {{0, 1, by_one}, {0, 2, 1}, {1, 0, by_one}, {1, 2, 1}, {2, 0, by_one}, {2, 1, 1}});
  CHECK(graph_difference(graph, expected) < 1e-7);
}

TEST_CASE("membership_graph: no edge of weight 0, to a missing neighbour or to itself") {
  auto lists = triangle();
  lists.distances[2] = std::numeric_limits<float>::infinity();
  lists.indices[5] = -1;
  lists.indices[6] = 1;  // the row itself need not come first
  lists.indices[7] = 2;
  const auto expected = graph_of(3, 3, {{0, 2, 1}, {1, 2, 1}, {2, 0, by_one}, {2, 1, 1}});
  CHECK(graph_difference(membership_graph(lists, unit_fit(3)), expected) < 1e-7);
}

TEST_CASE("membership_graph: lists of the rows themselves have no edges, and no rows no graph") {
  const embed::NeighborLists<float> lists{Tensor<std::int32_t>::from({2, 1}, {0, 1}), Tensor<float>::zeros({2, 1})};
  CHECK(membership_graph(lists, smooth_knn(lists.distances)).edges() == 0);
  const embed::NeighborLists<float> none{Tensor<std::int32_t>::zeros({0, 3}), Tensor<float>::zeros({0, 3})};
  CHECK(fuzzy_union(membership_graph(none, smooth_knn(none.distances))).rows() == 0);
}

TEST_CASE("membership_graph: duplicates are wholly connected") {
  embed::NeighborLists<float> lists = triangle();
  lists.distances = Tensor<float>::zeros({3, 3});
  const auto graph = fuzzy_union(membership_graph(lists, smooth_knn(lists.distances)));
  CHECK(graph.edges() == 6);
  CHECK(std::ranges::count(graph.weights, 1.0F) == 6);
}

TEST_CASE("membership_graph and fuzzy_union: blobs and a roll as umap-learn 0.5.3 (Debian), for three ways to mix") {
  for (const std::string set : {"blobs", "roll"}) {
    CAPTURE(set);
    const auto lists = golden_lists(set);
    const auto directed = membership_graph(lists, smooth_knn(lists.distances));
    CHECK(graph_difference(directed, golden_graph(set + "_directed", 300, 300)) < 1e-5);
    CHECK(graph_difference(fuzzy_union(directed), golden_graph(set + "_graph", 300, 300)) < 1e-5);
    CHECK(graph_difference(fuzzy_union(directed, 0), golden_graph(set + "_graph_mix0", 300, 300)) < 1e-5);
    CHECK(graph_difference(fuzzy_union(directed, 0.5), golden_graph(set + "_graph_mix5", 300, 300)) < 1e-5);
  }
}

TEST_CASE("membership_graph and fuzzy_union: digits as umap-learn") {
  const auto lists = golden_lists("digits");
  const auto graph = fuzzy_union(membership_graph(lists, smooth_knn(lists.distances)));
  CHECK(graph_difference(graph, golden_graph("digits_graph", 1797, 1797)) < 1e-5);
}

TEST_CASE("bipartite_graph: new digits among those that were fitted, as umap-learn") {
  const auto lists = golden_lists("transform_digits");
  const auto graph = bipartite_graph(lists, smooth_knn(lists.distances, {.local_connectivity = 0}), 1500);
  CHECK(graph_difference(graph, golden_graph("transform_digits", 297, 1500)) < 1e-5);
}

TEST_CASE("fuzzy_union: a worked example") {
  const auto directed = graph_of(3, 3, {{0, 1, 0.5F}, {1, 0, 0.5F}, {1, 2, 0.25F}});
  CHECK(graph_difference(fuzzy_union(directed),
                         graph_of(3, 3, {{0, 1, 0.75F}, {1, 0, 0.75F}, {1, 2, 0.25F}, {2, 1, 0.25F}})) == 0);
  CHECK(graph_difference(fuzzy_union(directed, 0), graph_of(3, 3, {{0, 1, 0.25F}, {1, 0, 0.25F}})) == 0);
  CHECK(graph_difference(fuzzy_union(directed, 0.5),
                         graph_of(3, 3, {{0, 1, 0.5F}, {1, 0, 0.5F}, {1, 2, 0.125F}, {2, 1, 0.125F}})) == 0);
}

TEST_CASE("fuzzy_union: symmetric to the bit") {
  const auto graph = fuzzy_union(support::random_graph(3000, 3000, 6, 1), 0.3);
  CHECK(graph_difference(graph, embed::transposed(graph)) == 0);
}

TEST_CASE("membership_graph and fuzzy_union: same bits on any number of threads") {
  const auto lists = golden_lists("digits");
  const auto fit = smooth_knn(lists.distances);
  CHECK(same_bits_on_any_threads([&] { return membership_graph(lists, fit).weights; }));
  const auto directed = support::random_graph(3000, 3000, 5, 2);
  CHECK(same_bits_on_any_threads([&] { return fuzzy_union(directed).weights; }));
  CHECK(same_bits_on_any_threads([&] { return fuzzy_union(directed).columns; }));
}

TEST_CASE("membership_graph, bipartite_graph and fuzzy_union: what cannot be is named") {
  auto lists = triangle();
  CHECK_THROWS_WITH_AS(
      membership_graph(lists, unit_fit(2)),
      "membership_graph: need indices and distances [N, K], sigmas and rhos [N], got [3, 3], [3, 3], [2] and [2]",
      ShapeError);
  CHECK_THROWS_WITH_AS(bipartite_graph(lists, unit_fit(3), 2),
                       "membership_graph: need neighbours 0 .. 1, got 2 in row 0", ArgumentError);
  lists.indices[3] = 0;
  CHECK_THROWS_WITH_AS(membership_graph(lists, unit_fit(3)),
                       "membership_graph: need each neighbour once, got one twice in row 1", ArgumentError);
  CHECK_THROWS_WITH_AS(fuzzy_union(graph_of(2, 3, {})), "fuzzy_union: need a graph [N, N], got [2, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(fuzzy_union(graph_of(2, 2, {}), 1.5),
                       "fuzzy_union: need a set_op_mix_ratio from 0 to 1, got 1.5", ArgumentError);
}
