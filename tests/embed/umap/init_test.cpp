#include <engram/embed/umap/init.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/graphs.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using embed::initial_positions;
using embed::UmapInit;
using support::golden_graph;
using support::graph_of;

namespace {

std::vector<float> column(const Tensor<float>& x, Index axis) {
  std::vector<float> out;
  for (Index i = axis; i < x.size(); i += x.dim(1)) {
    out.push_back(x[i]);
  }
  return out;
}

/// Whether every axis runs from 0 to 10.
bool fills_axes(const Tensor<float>& x) {
  for (Index axis = 0; axis < x.dim(1); ++axis) {
    const auto values = column(x, axis);
    if (std::ranges::min(values) != 0.0F || std::ranges::max(values) != 10.0F) {
      return false;
    }
  }
  return true;
}

/// |Pearson's correlation|.
double correlation(const std::vector<float>& a, const std::vector<float>& b) {
  const auto n = static_cast<double>(a.size());
  double sa = 0;
  double sb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sa += static_cast<double>(a[i]) / n;
    sb += static_cast<double>(b[i]) / n;
  }
  double aa = 0;
  double ab = 0;
  double bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double da = static_cast<double>(a[i]) - sa;
    const double db = static_cast<double>(b[i]) - sb;
    aa += da * da;
    ab += da * db;
    bb += db * db;
  }
  return std::abs(ab) / std::sqrt(aa * bb);
}

embed::SparseGraph no_edges(Index rows) {
  return graph_of(rows, rows, {});
}

}  // namespace

TEST_CASE("initial_positions: spectral ones are the eigenvectors, each axis from 0 to 10") {
  const auto graph = golden_graph("digits_graph", 1797, 1797);
  const auto expected = io::read_npy(ENGRAM_TEST_DIR "/golden_manifold/digits_spectral_umaplearn.npy").as<float>();
  const auto x = initial_positions(graph, 2);
  CHECK(fills_axes(x));
  for (const Index axis : {0, 1}) {
    CHECK(correlation(column(x, axis), column(expected, axis)) > 0.9999);
  }
}

TEST_CASE("initial_positions: noise parts rows of equal coordinates and follows the seed") {
  std::vector<support::Edge> all;  // of a complete graph no row differs from another
  for (Index i = 0; i < 20; ++i) {
    for (Index j = 0; j < 20; ++j) {
      if (i != j) {
        all.push_back({i, static_cast<std::int32_t>(j), 1});
      }
    }
  }
  const auto graph = graph_of(20, 20, all);
  const auto data = Tensor<float>::full({20, 3}, 2.0F);
  for (const UmapInit init : {UmapInit::spectral, UmapInit::pca, UmapInit::random}) {
    const auto x = initial_positions(graph, 2, {.init = init}, &data);
    CHECK(fills_axes(x));
    auto values = column(x, 0);
    std::ranges::sort(values);
    CHECK(std::ranges::adjacent_find(values) == values.end());
    const auto again = initial_positions(graph, 2, {.init = init}, &data);
    CHECK(std::ranges::equal(x.elements(), again.elements()));
    const auto other = initial_positions(graph, 2, {.init = init, .seed = 1}, &data);
    CHECK_FALSE(std::ranges::equal(x.elements(), other.elements()));
  }
}

TEST_CASE("initial_positions: random ones are uniform") {
  const auto x = initial_positions(no_edges(20'000), 2, {.init = UmapInit::random, .seed = 9});
  CHECK(fills_axes(x));
  for (const Index axis : {0, 1}) {
    double sum = 0;
    double squares = 0;
    for (const float v : column(x, axis)) {
      sum += static_cast<double>(v);
      squares += static_cast<double>(v) * static_cast<double>(v);
    }
    const double mean = sum / 20'000;
    CHECK(mean == doctest::Approx(5).epsilon(0.02));
    CHECK(squares / 20'000 - mean * mean == doctest::Approx(100.0 / 12).epsilon(0.02));
  }
  CHECK(correlation(column(x, 0), column(x, 1)) < 0.03);
}

TEST_CASE("initial_positions: pca is along the principal components") {
  auto data = normal<float>({500, 4}, 3);
  for (Index i = 0; i < 500; ++i) {
    data[i * 4 + 2] *= 30;
    data[i * 4] *= 8;
  }
  const auto x = initial_positions(no_edges(500), 2, {.init = UmapInit::pca}, &data);
  CHECK(fills_axes(x));
  CHECK(correlation(column(x, 0), column(data, 2)) > 0.999);
  CHECK(correlation(column(x, 1), column(data, 0)) > 0.99);
  const auto line = normal<float>({50, 1}, 4);  // fewer columns than dimensions
  CHECK(fills_axes(initial_positions(no_edges(50), 3, {.init = UmapInit::pca}, &line)));
}

TEST_CASE("initial_positions: given ones are only mapped to 0 .. 10") {
  const auto given = Tensor<float>::from({3, 2}, {-1, 7, 0, 7, 3, 7});
  const auto x = initial_positions(no_edges(3), 2, {.given = &given});
  CHECK(std::ranges::equal(x.elements(), std::vector<float>{0, 5, 2.5F, 5, 10, 5}));
}

TEST_CASE("initial_positions: given ones of which some are the same get a little noise") {
  const auto given = Tensor<float>::from({4, 2}, {0, 0, 1, 1, 1, 1, 2, 2});
  const auto x = initial_positions(no_edges(4), 2, {.given = &given});
  CHECK(x[2] != x[4]);
  CHECK(std::abs(x[2] - x[4]) < 0.05F);
  CHECK(fills_axes(x));
  const auto same = Tensor<float>::full({4, 2}, 3.0F);
  CHECK(fills_axes(initial_positions(no_edges(4), 2, {.given = &same})));
}

TEST_CASE("initial_positions: no row, one row, numbers near the end of single precision") {
  const auto far = Tensor<float>::from({2, 1}, {-3e38F, 3e38F});
  const auto x = initial_positions(no_edges(2), 1, {.given = &far});
  CHECK(std::ranges::equal(x.elements(), std::vector<float>{0, 10}));
  for (const UmapInit init : {UmapInit::spectral, UmapInit::pca, UmapInit::random}) {
    const auto one = Tensor<float>::full({1, 3}, 1.0F);
    const auto alone = initial_positions(no_edges(1), 2, {.init = init}, &one);
    CHECK(std::ranges::equal(alone.elements(), std::vector<float>{5, 5}));
    const auto none = Tensor<float>::zeros({0, 3});
    CHECK(initial_positions(no_edges(0), 2, {.init = init}, &none).shape() == Shape{0, 2});
  }
}

TEST_CASE("initial_positions: the same bits on any number of threads") {
  const auto graph = support::random_graph(12'000, 12'000, 1, 5);
  const auto data = normal<float>({12'000, 3}, 6);
  const auto given = Tensor<float>::zeros({12'000, 2});
  CHECK(same_bits_on_any_threads([&] { return initial_positions(graph, 2, {.given = &given}); }));
  for (const UmapInit init : {UmapInit::spectral, UmapInit::pca, UmapInit::random}) {
    CHECK(same_bits_on_any_threads([&] { return initial_positions(graph, 2, {.init = init}, &data); }));
  }
}

TEST_CASE("initial_positions: says what it needs") {
  const auto graph = no_edges(3);
  CHECK_THROWS_WITH_AS(initial_positions(graph, 0), "initial_positions: need n_components >= 1, got 0", ArgumentError);
  const auto small = Tensor<float>::zeros({2, 2});
  CHECK_THROWS_WITH_AS(initial_positions(graph, 2, {.given = &small}),
                       "initial_positions: need given [3, 2], got [2, 2]", ShapeError);
  const auto bad = Tensor<float>::from({3, 2}, {0, 1, 2, INFINITY, 4, 5});
  CHECK_THROWS_WITH_AS(initial_positions(graph, 2, {.given = &bad}),
                       "initial_positions: need finite given, got inf in row 1", ArgumentError);
  CHECK_THROWS_WITH_AS(initial_positions(graph, 2, {.init = UmapInit::pca}),
                       "initial_positions: need data for UmapInit::pca, got none", ArgumentError);
  CHECK_THROWS_WITH_AS(initial_positions(graph, 2, {.init = UmapInit::pca}, &small),
                       "initial_positions: need data [3, D], got [2, 2]", ShapeError);
}
