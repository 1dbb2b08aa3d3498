#include <engram/embed/umap/supervised.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include <engram/io/npy.hpp>

#include "support/graphs.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using embed::CategoricalTarget;
using embed::CircularTarget;
using embed::ContinuousTarget;
using embed::fuzzy_intersection;
using embed::fuzzy_union;
using embed::SparseGraph;
using embed::with_target;
using support::graph_difference;
using support::graph_of;
using support::weight;

namespace {

SparseGraph random_symmetric(Index rows, std::uint64_t seed) {
  return fuzzy_union(support::random_graph(rows, rows, 5, seed));
}

/// 0 -- 1 -- 2 -- 3 -- 0, weights 1.
SparseGraph square() {
  return graph_of(4, 4, {{0, 1, 1}, {0, 3, 1}, {1, 0, 1}, {1, 2, 1}, {2, 1, 1}, {2, 3, 1}, {3, 0, 1}, {3, 2, 1}});
}

}  // namespace

TEST_CASE("with_target: labels, some unknown, as umap-learn 0.5.3 (Debian)") {
  const auto labels = io::read_npy(ENGRAM_TEST_DIR "/golden_manifold/roll_target.npy").as<std::int32_t>();
  const auto graph = with_target(support::golden_graph("roll_graph", 300, 300), CategoricalTarget{labels});
  CHECK(graph_difference(graph, support::golden_graph("roll_supervised", 300, 300)) < 1e-6);
}

TEST_CASE("with_target: labels, worked out by hand") {
  // Edges 0 -- 1 and 2 -- 3 stay and are the largest of their rows; the others become e^-5 from both sides.
  const auto graph = with_target(square(), CategoricalTarget{Tensor<std::int32_t>::from({4}, {7, 7, 2, 2})});
  const double far = std::exp(-5.0);
  CHECK(weight(graph, 0, 1) == 1);
  CHECK(weight(graph, 1, 2) == doctest::Approx(2 * far - far * far));
  // All are e^-1 where nothing is known, and rescaling takes that back.
  CHECK(graph_difference(with_target(square(), CategoricalTarget{Tensor<std::int32_t>::full({4}, -1)}), square()) == 0);
}

TEST_CASE("with_target: at a weight of 1 different labels share no edge") {
  const CategoricalTarget target{Tensor<std::int32_t>::from({4}, {0, 0, 1, 2}), 1};
  CHECK(graph_difference(with_target(square(), target), graph_of(4, 4, {{0, 1, 1}, {1, 0, 1}})) == 0);
}

TEST_CASE("fuzzy_intersection: products, powers and stand-ins for absent edges, worked out by hand") {
  const auto a = graph_of(2, 2, {{0, 0, 0.5F}, {0, 1, 0.8F}});
  const auto b = graph_of(2, 2, {{0, 1, 0.25F}, {1, 0, 0.5F}});
  const auto expect = [&](double w, double first, double second, double third) {
    CAPTURE(w);
    const auto graph = fuzzy_intersection(a, b, w);
    CHECK(graph.edges() == 3);
    CHECK(weight(graph, 0, 0) == doctest::Approx(first));
    CHECK(weight(graph, 0, 1) == doctest::Approx(second));
    CHECK(weight(graph, 1, 0) == doctest::Approx(third));
  };
  expect(0.5, 0.5 * 1e-4, 0.8 * 0.25, 0.25 * 0.5);
  expect(0.2, 0.5 * std::pow(1e-4, 0.25), 0.8 * std::pow(0.25, 0.25), 0.25 * std::pow(0.5, 0.25));
  expect(0.8, std::pow(0.5, 0.25) * 1e-4, std::pow(0.8, 0.25) * 0.25, std::pow(0.25, 0.25) * 0.5);
  expect(0, 0.5, 0.8, 0.25);
  expect(1, 1e-4, 0.25, 0.5);
}

TEST_CASE("reset_local_connectivity: each row that has edges is wholly connected to some other") {
  auto graph = random_symmetric(50, 1);
  for (float& w : graph.weights) {
    w /= 8;
  }
  graph = embed::reset_local_connectivity(std::move(graph));
  for (std::size_t i = 0; i < 50; ++i) {
    CHECK(*std::max_element(graph.weights.begin() + graph.offsets[i], graph.weights.begin() + graph.offsets[i + 1]) ==
          1);
  }
  CHECK(graph_difference(graph, embed::transposed(graph)) == 0);
  CHECK(embed::reset_local_connectivity(graph_of(3, 3, {})).edges() == 0);
}

TEST_CASE("with_target: numbers near each other connect, those far from each other hardly do") {
  const auto graph = with_target(square(), ContinuousTarget{Tensor<double>::from({4}, {0, 0.1, 9, 9.2})}, 2);
  CHECK(weight(graph, 0, 1) == 1);
  CHECK(weight(graph, 2, 3) == 1);
  CHECK(weight(graph, 1, 2) < 1e-3F);
}

TEST_CASE("with_target: directions near each other connect, across the end of a turn too") {
  const auto angles = Tensor<double>::from({4}, {-0.1, 0.1 + 4 * std::numbers::pi, 3, 3.3});
  const auto graph = with_target(square(), CircularTarget{angles}, 2);
  CHECK(weight(graph, 0, 1) == 1);
  CHECK(weight(graph, 2, 3) == 1);
  CHECK(weight(graph, 1, 2) < 1e-3F);
}

TEST_CASE("with_target: directions that span less than half a turn are as numbers") {
  auto values = normal({200}, 2);
  for (double& v : values.elements()) {
    v = 1.5 * std::tanh(v);
  }
  const auto graph = random_symmetric(200, 3);
  const auto numbers = with_target(graph, ContinuousTarget{values, 0.3, 9});
  CHECK(graph_difference(numbers, with_target(graph, CircularTarget{values, 0.3, 9})) < 1e-5);
  CHECK(graph_difference(numbers, with_target(graph, ContinuousTarget{values, 0.3}, 9)) == 0);
}

TEST_CASE("with_target: a count of neighbours above the rows' is theirs; equal numbers, one row and none are fine") {
  const auto values = normal({20}, 4);
  const auto graph = random_symmetric(20, 5);
  CHECK(graph_difference(with_target(graph, ContinuousTarget{values}, 99),
                         with_target(graph, ContinuousTarget{values}, 20)) == 0);
  const auto equal = with_target(graph, ContinuousTarget{Tensor<double>::full({20}, 3)}, 5);
  CHECK(std::ranges::all_of(equal.weights, [](float w) { return w > 0 && w <= 1; }));
  CHECK(with_target(graph_of(1, 1, {}), CircularTarget{Tensor<double>::zeros({1})}).rows() == 1);
  CHECK(with_target(SparseGraph{}, CategoricalTarget{Tensor<std::int32_t>::zeros({0})}).rows() == 0);
  CHECK(with_target(graph_of(3, 3, {}), ContinuousTarget{Tensor<double>::from({3}, {1, 2, 4})}, 2).edges() > 0);
}

TEST_CASE("with_target: same bits on any number of threads") {
  const auto graph = random_symmetric(2500, 6);
  const auto values = normal({2500}, 7);
  auto labels = Tensor<std::int32_t>::zeros({2500});
  for (Index i = 0; i < 2500; ++i) {
    labels[i] = static_cast<std::int32_t>(i % 4) - 1;
  }
  CHECK(same_bits_on_any_threads([&] { return with_target(graph, CategoricalTarget{labels}).weights; }));
  CHECK(same_bits_on_any_threads([&] { return with_target(graph, ContinuousTarget{values, 0.7}).weights; }));
  CHECK(same_bits_on_any_threads([&] { return with_target(graph, CircularTarget{values}).weights; }));
}

TEST_CASE("with_target and fuzzy_intersection: what cannot be is named") {
  const auto four = Tensor<double>::from({4}, {0, 1, 2, 3});
  CHECK_THROWS_WITH_AS(with_target(square(), ContinuousTarget{Tensor<double>::zeros({3})}),
                       "Umap: need a target [4], got [3]", ShapeError);
  CHECK_THROWS_WITH_AS(with_target(square(), ContinuousTarget{Tensor<double>::from({4}, {0, 1, NAN, 3})}),
                       "Umap: need a finite target, got nan in row 2", ArgumentError);
  CHECK_THROWS_WITH_AS(with_target(square(), CircularTarget{Tensor<double>::from({4}, {INFINITY, 1, 2, 3})}),
                       "Umap: need a finite target, got inf in row 0", ArgumentError);
  CHECK_THROWS_WITH_AS(with_target(square(), CategoricalTarget{Tensor<std::int32_t>::zeros({4}), 1.5}),
                       "Umap: need target_weight from 0 to 1, got 1.5", ArgumentError);
  CHECK_THROWS_WITH_AS(with_target(square(), ContinuousTarget{four, 0.5, 1}),
                       "Umap: need target_n_neighbors >= 2, got 1", ArgumentError);
  CHECK_THROWS_WITH_AS(fuzzy_intersection(square(), graph_of(3, 3, {})),
                       "fuzzy_intersection: need graphs of one size, got [4, 4] and [3, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(fuzzy_intersection(square(), square(), -1),
                       "fuzzy_intersection: need a weight from 0 to 1, got -1", ArgumentError);
}
