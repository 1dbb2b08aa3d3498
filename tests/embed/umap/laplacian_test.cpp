#include <engram/embed/umap/laplacian.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "support/golden_manifold.hpp"
#include "support/graphs.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using embed::laplacian_eigenpairs;
using embed::LaplacianEigenpairs;
using embed::SparseGraph;
using support::golden_graph;
using support::golden_manifold;

namespace {

/// Each row i is joined to rows i + step (round the ring) with weight 1.
SparseGraph ring(Index rows, std::initializer_list<Index> steps) {
  std::vector<support::Edge> edges;
  for (Index i = 0; i < rows; ++i) {
    for (const Index step : steps) {
      edges.push_back({i, static_cast<std::int32_t>((i + step) % rows), 1});
      edges.push_back({i, static_cast<std::int32_t>((i + rows - step) % rows), 1});
    }
  }
  return support::graph_of(rows, rows, edges);
}

SparseGraph star(Index leaves) {
  std::vector<support::Edge> edges;
  for (Index i = 1; i <= leaves; ++i) {
    edges.push_back({0, static_cast<std::int32_t>(i), 1});
  }
  for (Index i = 1; i <= leaves; ++i) {
    edges.push_back({i, 0, 1});
  }
  return support::graph_of(leaves + 1, leaves + 1, edges);
}

double inner(const Tensor<float>& a, Index j, const Tensor<float>& b, Index k) {
  double sum = 0;
  for (Index i = 0; i < a.dim(0); ++i) {
    sum += static_cast<double>(a[i * a.dim(1) + j]) * static_cast<double>(b[i * b.dim(1) + k]);
  }
  return sum;
}

/// Sine of the largest angle between vectors of the first `count` columns of a and the space of those of b.
double sine(const Tensor<float>& a, const Tensor<float>& b, Index count) {
  double square = 0;
  for (Index j = 0; j < count; ++j) {
    double outside = inner(a, j, a, j);
    for (Index k = 0; k < count; ++k) {
      outside -= inner(a, j, b, k) * inner(a, j, b, k);
    }
    square += std::max(outside, 0.0);
  }
  return std::sqrt(square);
}

/// |L u - value u| of pair k, from the definition.
double residual(const SparseGraph& graph, const LaplacianEigenpairs& pairs, Index k) {
  const Index width = pairs.vectors.dim(1);
  std::vector<double> degree(static_cast<std::size_t>(graph.rows()), 0.0);
  for (std::size_t i = 0; i < degree.size(); ++i) {
    for (auto e = static_cast<std::size_t>(graph.offsets[i]); e < static_cast<std::size_t>(graph.offsets[i + 1]); ++e) {
      degree[i] += static_cast<double>(graph.weights[e]);
    }
  }
  double square = 0;
  for (std::size_t i = 0; i < degree.size(); ++i) {
    const auto u = [&](std::size_t row) {
      return static_cast<double>(pairs.vectors[static_cast<Index>(row) * width + k]);
    };
    double difference = (1 - pairs.values[static_cast<std::size_t>(k)]) * u(i);
    for (auto e = static_cast<std::size_t>(graph.offsets[i]); e < static_cast<std::size_t>(graph.offsets[i + 1]); ++e) {
      const auto j = static_cast<std::size_t>(graph.columns[e]);
      difference -= static_cast<double>(graph.weights[e]) * u(j) / std::sqrt(degree[i] * degree[j]);
    }
    square += difference * difference;
  }
  return std::sqrt(square);
}

void check_orthonormal(const Tensor<float>& vectors) {
  for (Index j = 0; j < vectors.dim(1); ++j) {
    for (Index k = 0; k <= j; ++k) {
      CHECK(std::abs(inner(vectors, j, vectors, k) - (j == k ? 1 : 0)) < 1e-5);
    }
  }
}

}  // namespace

TEST_CASE("laplacian_eigenpairs: those of a dense solver, for the digits and the roll") {
  for (const std::string name : {"digits", "roll"}) {
    CAPTURE(name);
    const Index rows = name == "digits" ? 1797 : 300;
    const auto graph = golden_graph(name + "_graph", rows, rows);
    const auto pairs = laplacian_eigenpairs(graph, 7, {.tolerance = 2e-6});
    const auto values = golden_manifold<double>(name + "_laplacian_evals8");
    const auto vectors = golden_manifold<double>(name + "_spectral_exact");
    for (Index k = 0; k < 7; ++k) {
      const auto at = static_cast<std::size_t>(k);
      CHECK(std::abs(pairs.values[at] - values[k + 1]) < 1e-6);
      CHECK(pairs.residuals[at] < 2e-6);
    }
    check_orthonormal(pairs.vectors);
    for (Index k = 0; k < 3; ++k) {
      double least = INFINITY;
      for (const double sign : {1.0, -1.0}) {
        double difference = 0;
        for (Index i = 0; i < rows; ++i) {
          difference =
              std::max(difference, std::abs(sign * static_cast<double>(pairs.vectors[i * 7 + k]) - vectors[i * 3 + k]));
        }
        least = std::min(least, difference);
      }
      CHECK(least < 1e-4);
    }
  }
}

TEST_CASE("laplacian_eigenpairs: the default tolerance gives vectors within 0.005 rad of the exact ones") {
  for (const std::string name : {"digits", "roll"}) {
    CAPTURE(name);
    const Index rows = name == "digits" ? 1797 : 300;
    const auto graph = golden_graph(name + "_graph", rows, rows);
    const auto pairs = laplacian_eigenpairs(graph, 2);
    CHECK(sine(pairs.vectors, laplacian_eigenpairs(graph, 2, {.tolerance = 1e-6}).vectors, 2) < 5e-3);
    check_orthonormal(pairs.vectors);
    for (Index k = 0; k < 2; ++k) {
      const auto at = static_cast<std::size_t>(k);
      CHECK(pairs.residuals[at] < 5e-3);
      CHECK(std::abs(residual(graph, pairs, k) - pairs.residuals[at]) < 1e-5);
    }
  }
}

TEST_CASE("laplacian_eigenpairs: a small graph's are exact, all of them") {
  const auto graph = ring(12, {1});
  const auto pairs = laplacian_eigenpairs(graph, 11);
  for (Index k = 0; k < 11; ++k) {
    const auto turns = static_cast<double>((k + 2) / 2);  // each wave but the last twice
    CHECK(pairs.values[static_cast<std::size_t>(k)] ==
          doctest::Approx(1 - std::cos(2 * std::numbers::pi * turns / 12)).epsilon(1e-12));
    CHECK(residual(graph, pairs, k) < 1e-6);
  }
  check_orthonormal(pairs.vectors);
}

TEST_CASE("laplacian_eigenpairs: waves round a ring, on which a walk takes long to mix") {
  constexpr Index rows = 5000;
  const auto pairs = laplacian_eigenpairs(ring(rows, {1, 2, 3}), 2);
  double exact = 0;
  for (const double step : {1.0, 2.0, 3.0}) {
    exact += (1 - std::cos(2 * std::numbers::pi * step / rows)) / 3;
  }
  for (Index k = 0; k < 2; ++k) {  // 4e-6: far below the tolerance; a little of steep vectors is left
    CHECK(pairs.values[static_cast<std::size_t>(k)] > 0.99 * exact);
    CHECK(pairs.values[static_cast<std::size_t>(k)] < 3 * exact);
  }
  auto waves = Tensor<float>::uninitialized({rows, 2});
  for (Index i = 0; i < rows; ++i) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(i) / rows;
    waves[i * 2] = static_cast<float>(std::cos(angle) * std::sqrt(2.0 / rows));
    waves[i * 2 + 1] = static_cast<float>(std::sin(angle) * std::sqrt(2.0 / rows));
  }
  CHECK(sine(pairs.vectors, waves, 2) < 0.02);
}

TEST_CASE("laplacian_eigenpairs: a complete graph and a star, whose eigenvalues are all the same") {
  std::vector<support::Edge> all;
  for (Index i = 0; i < 300; ++i) {
    for (Index j = 0; j < 300; ++j) {
      if (i != j) {
        all.push_back({i, static_cast<std::int32_t>(j), 1});
      }
    }
  }
  const auto complete = laplacian_eigenpairs(support::graph_of(300, 300, all), 3);
  const auto spokes = laplacian_eigenpairs(star(5000), 3);
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(complete.values[k] == doctest::Approx(300.0 / 299).epsilon(1e-3));
    CHECK(spokes.values[k] == doctest::Approx(1.0).epsilon(1e-3));
  }
  check_orthonormal(complete.vectors);
  check_orthonormal(spokes.vectors);
}

TEST_CASE("laplacian_eigenpairs: more vectors than a block of eight holds") {
  const auto graph = golden_graph("digits_graph", 1797, 1797);
  const auto many = laplacian_eigenpairs(graph, 21, {.tolerance = 1e-5});
  CHECK(many.vectors.shape() == Shape{1797, 21});
  CHECK(std::ranges::is_sorted(many.values));
  check_orthonormal(many.vectors);
  const auto values = golden_manifold<double>("digits_laplacian_evals8");
  for (Index k = 0; k < 7; ++k) {
    CHECK(std::abs(many.values[static_cast<std::size_t>(k)] - values[k + 1]) < 1e-5);
  }
}

TEST_CASE("laplacian_eigenpairs: the same bits on any number of threads") {
  const auto graph = ring(20'000, {1, 5, 17, 400});
  CHECK(same_bits_on_any_threads([&] { return laplacian_eigenpairs(graph, 2).vectors; }));
  const auto spokes = star(10'000);
  CHECK(same_bits_on_any_threads([&] { return laplacian_eigenpairs(spokes, 2).vectors; }));
}

TEST_CASE("laplacian_eigenpairs: says how many there are") {
  const auto graph = ring(5, {1});
  CHECK(laplacian_eigenpairs(graph, 0).values.empty());
  CHECK_THROWS_WITH_AS(laplacian_eigenpairs(graph, 5),
                       "laplacian_eigenpairs: need a count from 0 to rows - 1, got 5 of 5 rows", ArgumentError);
}
