#include <engram/embed/umap/layout.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::embed;

namespace {

constexpr Curve default_curve{1.57694, 0.89506};

/// `groups` groups of `size` points each, all points of a group joined to each other.
SparseGraph cliques(Index groups, Index size) {
  SparseGraph graph;
  graph.column_count = groups * size;
  for (Index i = 0; i < groups * size; ++i) {
    for (Index j = i / size * size; j < (i / size + 1) * size; ++j) {
      if (j != i) {
        graph.columns.push_back(static_cast<std::int32_t>(j));
        graph.weights.push_back(1.0F / static_cast<float>(1 + std::abs(i - j)));
      }
    }
    graph.offsets.push_back(graph.edges());
  }
  return graph;
}

Tensor<float> run(Layout layout) {
  while (!layout.done()) {
    layout.step();
  }
  return layout.coordinates();
}

double distance(const Tensor<float>& points, Index i, Index j) {
  double squared = 0;
  for (Index c = 0; c < points.dim(1); ++c) {
    const double difference =
        static_cast<double>(points[i * points.dim(1) + c]) - static_cast<double>(points[j * points.dim(1) + c]);
    squared += difference * difference;
  }
  return std::sqrt(squared);
}

}  // namespace

TEST_CASE("Layout: groups come together and part from each other, in 2, 3 and 5 dimensions") {
  for (const Index d : {2, 3, 5}) {
    CAPTURE(d);
    const auto points = run(Layout(cliques(3, 12), cast<float>(normal({36, d}, 1)), {.curve = default_curve}));
    double within = 0;
    double between = 1e9;
    for (Index i = 0; i < 36; ++i) {
      for (Index j = 0; j < i; ++j) {
        const double apart = distance(points, i, j);
        within = i / 12 == j / 12 ? std::max(within, apart) : within;
        between = i / 12 == j / 12 ? between : std::min(between, apart);
      }
    }
    CHECK(within < between);
    CHECK(std::ranges::all_of(points.elements(), [](float x) { return std::isfinite(x); }));
  }
}

TEST_CASE("Layout: the same bits on any number of threads") {
  const SparseGraph graph = cliques(60, 10);
  for (const Index d : {2, 4}) {
    CHECK(same_bits_on_any_threads([&] {
      return run(Layout(graph, cast<float>(normal({600, d}, 2)), {.curve = default_curve, .n_epochs = 30, .seed = 5}));
    }));
  }
}

TEST_CASE("Layout: a function of its seed") {
  const auto of_seed = [](std::uint64_t seed) {
    return run(
        Layout(cliques(4, 8), cast<float>(normal({32, 2}, 2)), {.curve = default_curve, .n_epochs = 20, .seed = seed}));
  };
  CHECK(list(of_seed(1)) == list(of_seed(1)));
  CHECK(list(of_seed(1)) != list(of_seed(2)));
  CHECK(list(of_seed(1)) != list(of_seed(std::uint64_t{1} << 40 | 1)));
}

TEST_CASE("Layout: steps are counted, none follow the last, and a force from outside moves points") {
  const auto start = cast<float>(normal({16, 2}, 3));
  Layout layout(cliques(2, 8), start, {.curve = default_curve, .n_epochs = 4});
  layout.step();
  layout.step();  // Adam's first force moves a point by its sign alone
  CHECK(layout.epoch() == 2);
  CHECK_FALSE(layout.done());
  Layout pushed = layout;
  layout.step();
  pushed.step([&](Index i, float* force) { force[1] += i == 4 ? 100.0F : 0.0F; });
  for (Index at = 0; at < 32; ++at) {
    CHECK((layout.coordinates()[at] != pushed.coordinates()[at]) == (at == 9));
  }
  CHECK(pushed.coordinates()[9] > layout.coordinates()[9]);
  layout.step();
  CHECK(layout.done());
  const auto last = list(layout.coordinates());
  layout.step();
  CHECK(layout.epoch() == 4);
  CHECK(list(layout.coordinates()) == last);
}

TEST_CASE("Layout: no epochs leave the start, no edges leave what nothing pulls") {
  const auto start = cast<float>(normal({6, 2}, 3));
  CHECK(list(run(Layout(cliques(2, 3), start, {.curve = default_curve, .n_epochs = 0}))) == list(start));
  CHECK(list(run(Layout(cliques(6, 1), start, {.curve = default_curve, .n_epochs = 10}))) == list(start));
}

TEST_CASE("Layout: points that all start in one place do not become NaN") {
  const auto points =
      run(Layout(cliques(2, 6), Tensor<float>::zeros({12, 2}), {.curve = default_curve, .n_epochs = 50}));
  CHECK(std::ranges::all_of(points.elements(), [](float x) { return std::isfinite(x); }));
}

TEST_CASE("Layout: says what it needs") {
  const auto start = cast<float>(normal({6, 2}, 3));
  const auto with = [&](const LayoutOptions& options) { Layout(cliques(2, 3), start, options); };
  CHECK_THROWS_WITH_AS(with({.curve = {0, 1}}), "Umap: need a from 1e-12 to 1e12 and 0 < b <= 4, got 0 and 1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(with({.curve = default_curve, .n_epochs = -1}), "Umap: need n_epochs from 0 to 1e9, got -1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(with({.curve = default_curve, .learning_rate = 0}), "Umap: need 0 < learning_rate <= 1e6, got 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(with({.curve = default_curve, .negative_sample_rate = -1}),
                       "Umap: need negative_sample_rate from 0 to 1e6, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(with({.curve = default_curve, .repulsion_strength = -2}),
                       "Umap: need repulsion_strength from 0 to 1e6, got -2", ArgumentError);
  CHECK_THROWS_WITH_AS(Layout(cliques(2, 3), cast<float>(normal({5, 2}, 3)), {.curve = default_curve}),
                       "Umap: need a start [6, d] for a graph of 6 x 6 points, got [5, 2]", ShapeError);
}
