#include <engram/embed/umap/alignment.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/graphs.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::embed;
using support::graph_of;

namespace {

/// Rows 0 .. rows-1 in a line, each joined to the next by an edge of that weight.
SparseGraph line(Index rows, float weight = 1) {
  std::vector<support::Edge> edges;
  for (std::int32_t i = 0; i < rows; ++i) {
    for (const std::int32_t j : {i - 1, i + 1}) {
      if (j >= 0 && j < rows) {
        edges.push_back({i, j, weight});
      }
    }
  }
  return graph_of(rows, rows, edges);
}

}  // namespace

TEST_CASE("Relation: inverted twice it is itself where rows have partners") {
  const Relation relation = {2, -1, 0, 4};
  CHECK(inverted(relation, 5) == Relation{2, -1, 0, -1, 3});
  CHECK(inverted(inverted(relation, 5), 4) == relation);
  CHECK(inverted(identity_relation(3), 3) == Relation{0, 1, 2});
}

TEST_CASE("Relation: chained through a slice it has partners where both have them") {
  CHECK(chained({2, -1, 0, 1}, {5, -1, 7}) == Relation{7, -1, 5, -1});
}

TEST_CASE("Relation: a partner that is not there, or twice, is named with slice and row") {
  CHECK_THROWS_WITH_AS(inverted({0, 3}, 3, 4),
                       "AlignedUmap: need partners -1 .. 2 in the relation from slice 4, got 3 for row 1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(inverted({0, 1, -2}, 3),
                       "AlignedUmap: need partners -1 .. 2 in the relation from slice 0, got -2 for row 2",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(inverted({1, 0, 1}, 3, 2),
                       "AlignedUmap: need each row once in the relation from slice 2, got 1 for the rows 0 and 2",
                       ArgumentError);
}

TEST_CASE("neighborhood_overlap: a worked example") {
  const SparseGraph a = graph_of(4, 4, {{0, 1, 1}, {0, 2, 1}, {0, 3, 1}, {1, 0, 1}, {2, 0, 1}, {3, 0, 1}});
  const SparseGraph b = graph_of(4, 4, {{0, 2, 1}, {1, 3, 1}, {2, 0, 1}, {2, 3, 1}, {3, 1, 1}, {3, 2, 1}});
  const Relation partners = {2, 3, 0, -1};  // so a's edges to row 3 and b's to row 1 do not count
  // Row 0: 1, 2 -> {3, 0} against {0, 3} of row 2. Row 1: 0 -> {2} against {2} of row 3. Row 2: {2} against {2}.
  CHECK(neighborhood_overlap(a, b, partners, inverted(partners, 4)) == std::vector<float>{1, 1, 1, 0});
  const Relation others = {0, 1, 2, 3};
  // Row 0: {1, 2, 3} against {2}. Row 1: {0} against {3}. Row 2: {0} against {0, 3}. Row 3: {0} against {1, 2}.
  CHECK(neighborhood_overlap(a, b, others, others) == std::vector<float>{1.0F / 3, 0, 0.5F, 0});
}

TEST_CASE("neighborhood_overlap: 1 where no neighbour has a partner, and the same seen from either side") {
  const Relation one = {-1, 1, -1};
  CHECK(neighborhood_overlap(line(3), line(3), one, one) == std::vector<float>{0, 1, 0});
  const auto a = support::random_graph(300, 300, 8, 1);
  const auto b = support::random_graph(300, 300, 8, 2);
  Relation forth = identity_relation(300);
  for (std::size_t i = 0; i < 300; ++i) {
    forth[i] = i % 5 == 0 ? -1 : 299 - forth[i];
  }
  const Relation back = inverted(forth, 300);
  const auto seen = neighborhood_overlap(a, b, forth, back);
  const auto seen_back = neighborhood_overlap(b, a, back, forth);
  Index different = 0;
  for (std::size_t i = 0; i < 300; ++i) {
    different += forth[i] >= 0 && seen[i] != seen_back[static_cast<std::size_t>(forth[i])] ? 1 : 0;
  }
  CHECK(different == 0);
}

TEST_CASE("tie_rows: pulls grow with strength, with the edges due and with the neighbours in common") {
  // Rows of a line have the edges due per epoch 1, 2, 1; weights count against the largest.
  const Relation same = identity_relation(3);
  CHECK(tie_rows(line(3, 0.5F), line(3), 7, same, same, 0.25).pulls == std::vector<float>{0.25F, 0.5F, 0.25F});
  CHECK(tie_rows(line(3), line(3), 7, same, same, 0.25).slice == 7);
  const SparseGraph part = graph_of(3, 3, {{0, 1, 1}, {1, 0, 1}});
  CHECK(tie_rows(line(3), part, 0, same, same, 1).pulls == std::vector<float>{1, 1, 0});
  CHECK(tie_rows(graph_of(2, 2, {}), graph_of(2, 2, {}), 0, {0, 1}, {0, 1}, 1).pulls == std::vector<float>{0, 0});
}

TEST_CASE("Alignment: rows are pulled to their partners in the slices of the window, e times less per slice") {
  const SparseGraph triangle = graph_of(3, 3, {{0, 1, 1}, {0, 2, 1}, {1, 0, 1}, {1, 2, 1}, {2, 0, 1}, {2, 1, 1}});
  Alignment alignment(0.5, 2);  // of the two edges of a row: 1; all neighbours with partners are in common
  std::vector<Tensor<float>> maps;
  const Relation relation = {1, -1, 0};  // to the slice before
  for (Index s = 0; s < 5; ++s) {
    alignment.add(triangle, s == 0 ? Relation{} : relation);
    maps.push_back(normal<float>({3, 2}, static_cast<std::uint64_t>(s)));
  }
  const auto pull = [&](Index slice, Index row) {
    std::vector<float> force = {0, 0};
    alignment.add_pulls(slice, maps, row, force.data());
    return force;
  };
  const auto away = [&](Index to, Index to_row, Index from, Index row, Index c) {
    return static_cast<double>(maps[static_cast<std::size_t>(to)][to_row * 2 + c] -
                               maps[static_cast<std::size_t>(from)][row * 2 + c]);
  };
  for (const Index c : {0, 1}) {
    const auto at = static_cast<std::size_t>(c);
    CHECK(static_cast<double>(pull(1, 0)[at]) == doctest::Approx(away(0, 1, 1, 0, c) + away(2, 2, 1, 0, c)));
    CHECK(static_cast<double>(pull(1, 1)[at]) ==
          doctest::Approx(away(2, 0, 1, 1, c) + std::exp(-1.0) * away(3, 2, 1, 1, c)));
    CHECK(static_cast<double>(pull(3, 2)[at]) ==
          doctest::Approx(away(2, 0, 3, 2, c) + std::exp(-1.0) * away(1, 1, 3, 2, c)));
    CHECK(pull(4, 1)[at] == 0);
  }
  alignment.drop_ties();
  CHECK(pull(1, 0) == std::vector<float>{0, 0});
  alignment.add(triangle, relation);
  maps.push_back(maps[0]);
  CHECK(pull(5, 2) != std::vector<float>{0, 0});
}

TEST_CASE("Alignment: same bits on any number of threads") {
  const auto a = support::random_graph(5000, 5000, 6, 1);
  const auto b = support::random_graph(5000, 5000, 6, 2);
  const Relation same = identity_relation(5000);
  CHECK(same_bits_on_any_threads([&] { return tie_rows(a, b, 0, same, same, 0.1).pulls; }));
}
