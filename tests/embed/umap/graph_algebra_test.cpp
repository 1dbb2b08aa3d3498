#include <engram/embed/umap/graph_algebra.hpp>

#include <doctest/doctest.h>

#include "support/graphs.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using embed::SparseGraph;
using embed::transposed;
using support::graph_difference;
using support::graph_of;

TEST_CASE("transposed: a graph written down, with empty rows and columns") {
  const auto graph = graph_of(3, 5, {{0, 1, 0.5F}, {0, 4, 0.25F}, {2, 1, 0.75F}});
  const auto expected = graph_of(5, 3, {{1, 0, 0.5F}, {1, 2, 0.75F}, {4, 0, 0.25F}});
  CHECK(graph_difference(transposed(graph), expected) == 0);
}

TEST_CASE("transposed: columns ascend in each row, over many ranges of columns and pieces of rows") {
  const auto graph = support::random_graph(3000, 5000, 4, 1);
  const auto turned = transposed(graph);
  CHECK(turned.rows() == 5000);
  CHECK(turned.column_count == 3000);
  bool ascending = true;
  for (std::size_t i = 0; i + 1 < turned.offsets.size(); ++i) {
    for (auto e = turned.offsets[i] + 1; e < turned.offsets[i + 1]; ++e) {
      ascending =
          ascending && turned.columns[static_cast<std::size_t>(e - 1)] < turned.columns[static_cast<std::size_t>(e)];
    }
  }
  CHECK(ascending);
  CHECK(support::weight(turned, graph.columns[7], 1) == graph.weights[7]);
  CHECK(graph_difference(transposed(turned), graph) == 0);
}

TEST_CASE("transposed: graphs without edges or rows") {
  CHECK(transposed(SparseGraph{}).rows() == 0);
  CHECK(graph_difference(transposed(graph_of(2, 3, {})), graph_of(3, 2, {})) == 0);
}

TEST_CASE("transposed: same bits on any number of threads") {
  const auto graph = support::random_graph(4000, 4000, 3, 2);
  CHECK(same_bits_on_any_threads([&] { return transposed(graph).weights; }));
  CHECK(same_bits_on_any_threads([&] { return transposed(graph).columns; }));
  CHECK(same_bits_on_any_threads([&] { return transposed(graph).offsets; }));
}

TEST_CASE("merged: all edges of both graphs, without those that get nothing") {
  const auto a = graph_of(2, 3, {{0, 0, 0.5F}, {0, 2, 0.25F}});
  const auto b = graph_of(2, 3, {{0, 1, 0.5F}, {0, 2, 0.5F}, {1, 0, 1.0F}});
  const auto sum = embed::detail::merged(a, b, [](float x, float y) { return x + y; });
  CHECK(graph_difference(sum, graph_of(2, 3, {{0, 0, 0.5F}, {0, 1, 0.5F}, {0, 2, 0.75F}, {1, 0, 1.0F}})) == 0);
  const auto product = embed::detail::merged(a, b, [](float x, float y) { return x * y; });
  CHECK(graph_difference(product, graph_of(2, 3, {{0, 2, 0.125F}})) == 0);
}
