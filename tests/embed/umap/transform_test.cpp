#include <engram/embed/umap/transform.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include <engram/io/npy.hpp>

#include "support/golden_manifold.hpp"
#include "support/numbers.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::embed;
using support::golden_manifold;

namespace {

constexpr LayoutOptions transform_options{
    .curve = {1.57694, 0.89506}, .n_epochs = 60, .learning_rate = 0.25, .seed = 3};

/// Rows 1500 .. 1796 of the digits against rows 0 .. 1499, by umap-learn 0.5.3 (Debian).
SparseGraph digits_graph() {
  const auto rows = golden_manifold<std::int64_t>("transform_digits_row");
  const auto columns = golden_manifold<std::int32_t>("transform_digits_col");
  SparseGraph graph;
  graph.column_count = 1500;
  for (Index e = 0; e < rows.size(); ++e) {
    while (graph.rows() < rows[e]) {
      graph.offsets.push_back(e);
    }
  }
  graph.offsets.push_back(rows.size());
  graph.columns.assign(columns.elements().begin(), columns.elements().end());
  const auto weights = golden_manifold("transform_digits_val");
  graph.weights.assign(weights.elements().begin(), weights.elements().end());
  return graph;
}

Tensor<float> digits_map() {
  const auto all = golden_manifold("digits_umaplearn_emb_seed0");
  return Tensor<float>::from({1500, 2}, all.elements().first(3000));
}

SparseGraph row_of(const SparseGraph& graph, Index row) {
  const Index begin = graph.offsets[static_cast<std::size_t>(row)];
  const Index end = graph.offsets[static_cast<std::size_t>(row) + 1];
  return {.offsets = {0, end - begin},
          .columns = {graph.columns.begin() + begin, graph.columns.begin() + end},
          .weights = {graph.weights.begin() + begin, graph.weights.begin() + end},
          .column_count = graph.column_count};
}

}  // namespace

TEST_CASE("weighted_means: where umap-learn starts new digits") {
  CHECK(largest_difference(weighted_means(digits_graph(), digits_map()), golden_manifold("transform_digits_init")) <
        1e-4);
}

TEST_CASE("weighted_means: a point without edges lies in the middle of all") {
  const SparseGraph graph{.offsets = {0, 0, 1}, .columns = {2}, .weights = {0.3F}, .column_count = 3};
  const auto points = Tensor<float>::from({3, 2}, {0, 0, 3, 0, 6, 9});
  CHECK(largest_difference(weighted_means(graph, points), Tensor<float>::from({2, 2}, {3, 3, 6, 9})) < 1e-6);
}

TEST_CASE("place_among: new digits stay near their neighbours, and each lies where it would alone") {
  const SparseGraph graph = digits_graph();
  const auto fitted = digits_map();
  const auto placed = place_among(graph, fitted, transform_options);
  REQUIRE(placed.shape() == Shape{297, 2});
  const auto start = weighted_means(graph, fitted);
  double moved = 0;
  for (Index i = 0; i < placed.size(); ++i) {
    moved += std::abs(static_cast<double>(placed[i]) - static_cast<double>(start[i]));
  }
  CHECK(moved / 594 > 0.05);
  CHECK(moved / 594 < 1.5);
  for (const Index row : {0, 1, 150, 296}) {
    const auto alone = place_among(row_of(graph, row), fitted, transform_options);
    CHECK(alone[0] == placed[2 * row]);
    CHECK(alone[1] == placed[2 * row + 1]);
  }
}

TEST_CASE("place_among: the same bits on any number of threads, another place for another seed") {
  const SparseGraph graph = digits_graph();
  const auto fitted = digits_map();
  CHECK(same_bits_on_any_threads([&] { return place_among(graph, fitted, transform_options); }));
  LayoutOptions other = transform_options;
  other.seed = 4;
  CHECK(list(place_among(graph, fitted, transform_options)) != list(place_among(graph, fitted, other)));
}

TEST_CASE("place_among: no rows, no epochs, and a map of another size") {
  const auto fitted = digits_map();
  CHECK(place_among({.column_count = 1500}, fitted, transform_options).shape() == Shape{0, 2});
  LayoutOptions none = transform_options;
  none.n_epochs = 0;
  CHECK(list(place_among(digits_graph(), fitted, none)) == list(weighted_means(digits_graph(), fitted)));
  CHECK_THROWS_WITH_AS(place_among({.column_count = 7}, fitted, transform_options),
                       "Umap: need fitted points [N, d] of a graph [M, N], got [1500, 2] and [0, 7]", ShapeError);
}
