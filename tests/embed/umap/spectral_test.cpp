#include <engram/embed/umap/spectral.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/golden_manifold.hpp"
#include "support/graphs.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using embed::SparseGraph;
using embed::spectral_layout;
using support::golden_graph;
using support::golden_manifold;
using support::graph_of;

namespace {

bool finite(const Tensor<float>& x) {
  return std::ranges::all_of(x.elements(), [](float v) { return std::isfinite(v); });
}

/// Rings of the given numbers of rows, one after the other; a ring of 1 is a row without edges.
SparseGraph rings(const std::vector<Index>& sizes) {
  std::vector<support::Edge> edges;
  Index first = 0;
  for (const Index size : sizes) {
    for (Index i = 0; i < size && size > 1; ++i) {
      const auto before = static_cast<std::int32_t>(first + (i + size - 1) % size);
      const auto after = static_cast<std::int32_t>(first + (i + 1) % size);
      edges.push_back({first + i, std::min(before, after), 1});
      if (before != after) {
        edges.push_back({first + i, std::max(before, after), 1});
      }
    }
    first += size;
  }
  return graph_of(first, first, edges);
}

std::vector<std::int32_t> ring_labels(const std::vector<Index>& sizes) {
  std::vector<std::int32_t> labels;
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    labels.insert(labels.end(), static_cast<std::size_t>(sizes[c]), static_cast<std::int32_t>(c));
  }
  return labels;
}

/// Whether every row lies nearer to the mean of the rows with its label than to the mean of any others.
bool apart(const Tensor<float>& x, const std::vector<std::int32_t>& labels, Index count) {
  const Index d = x.dim(1);
  std::vector<double> means(static_cast<std::size_t>(count * d), 0.0);
  std::vector<double> sizes(static_cast<std::size_t>(count), 0.0);
  for (Index i = 0; i < x.size(); ++i) {
    const auto label = labels[static_cast<std::size_t>(i / d)];
    means[static_cast<std::size_t>(label * d + i % d)] += static_cast<double>(x[i]);
    sizes[static_cast<std::size_t>(label)] += 1.0 / static_cast<double>(d);
  }
  for (Index i = 0; i < x.dim(0); ++i) {
    const auto distance = [&](Index c) {
      double square = 0;
      for (Index j = 0; j < d; ++j) {
        const double step = static_cast<double>(x[i * d + j]) -
                            means[static_cast<std::size_t>(c * d + j)] / sizes[static_cast<std::size_t>(c)];
        square += step * step;
      }
      return std::sqrt(square);
    };
    const Index own = labels[static_cast<std::size_t>(i)];
    for (Index c = 0; c < count; ++c) {
      if (c != own && distance(c) < distance(own) - 1e-5) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

TEST_CASE("spectral_layout: umap-learn's coordinates, up to sign") {
  for (const std::string name : {"digits", "roll"}) {
    CAPTURE(name);
    const Index rows = name == "digits" ? 1797 : 300;
    const auto expected = golden_manifold(name + "_spectral_umaplearn");
    const auto layout = spectral_layout(golden_graph(name + "_graph", rows, rows), 2, {.tolerance = 1e-5});
    REQUIRE(layout.shape() == Shape{rows, 2});
    for (Index axis = 0; axis < 2; ++axis) {
      float same = 0;
      float opposite = 0;
      for (Index i = axis; i < layout.size(); i += 2) {
        same = std::max(same, std::abs(layout[i] - expected[i]));
        opposite = std::max(opposite, std::abs(layout[i] + expected[i]));
      }
      CHECK(std::min(same, opposite) < 1e-3F);
    }
  }
}

TEST_CASE("spectral_layout: each blob lies apart, with and without the data") {
  const auto graph = golden_graph("blobs_graph", 300, 300);
  const auto x = golden_manifold("blobs_X");
  const auto classes = golden_manifold<std::int32_t>("blobs_y");
  const std::vector<std::int32_t> labels(classes.data(), classes.data() + classes.size());
  for (const Index dimensions : {1, 2, 3, 10}) {
    CAPTURE(dimensions);
    CHECK(apart(spectral_layout(graph, dimensions), labels, 6));
    CHECK(apart(spectral_layout(graph, dimensions, {}, &x), labels, 6));
  }
}

TEST_CASE("spectral_layout: components lie as their rows of data do") {
  const std::vector<Index> sizes(9, 20);
  const auto labels = ring_labels(sizes);
  auto data = normal<float>({180, 3}, 1);
  for (Index i = 0; i < 180; ++i) {  // in a line along the second column, out of order
    data[i * 3 + 1] += 100 * static_cast<float>(labels[static_cast<std::size_t>(i)] * 5 % 9);
  }
  const auto layout = spectral_layout(rings(sizes), 1, {}, &data);
  CHECK(apart(layout, labels, 9));
  std::vector<double> place(9);
  for (Index i = 0; i < 180; ++i) {
    place[static_cast<std::size_t>(labels[static_cast<std::size_t>(i)] * 5 % 9)] += static_cast<double>(layout[i]) / 20;
  }
  CHECK((std::ranges::is_sorted(place) || std::ranges::is_sorted(place, std::greater<>())));
}

TEST_CASE("spectral_layout: any mixture of components is finite and apart") {
  std::vector<Index> tiny(400, 1);
  for (std::size_t c = 0; c < tiny.size(); ++c) {
    tiny[c] += static_cast<Index>(c % 4);
  }
  const std::vector<std::vector<Index>> cases{
      {1}, {2}, {3}, {1, 1}, {2, 2, 2}, {1, 1, 1, 1, 1, 1, 1}, {3, 300, 1, 150, 2, 40}, tiny};
  for (const auto& sizes : cases) {
    for (const Index dimensions : {1, 2, 3, 8}) {
      CAPTURE(sizes.size());
      CAPTURE(dimensions);
      const auto graph = rings(sizes);
      const auto labels = ring_labels(sizes);
      const auto layout = spectral_layout(graph, dimensions);
      CHECK(layout.shape() == Shape{graph.rows(), dimensions});
      CHECK(finite(layout));
      CHECK(apart(layout, labels, std::ssize(sizes)));
      const auto data = normal<float>({graph.rows(), 2}, 5);
      CHECK(finite(spectral_layout(graph, dimensions, {}, &data)));
      const auto same = Tensor<float>::full({graph.rows(), 4}, 7.0F);  // all rows duplicates
      CHECK(apart(spectral_layout(graph, dimensions, {}, &same), labels, std::ssize(sizes)));
    }
  }
}

TEST_CASE("spectral_layout: more dimensions than eigenvectors are filled at random") {
  const auto layout = spectral_layout(rings({3}), 5);
  for (Index axis = 0; axis < 5; ++axis) {
    CHECK(layout[axis] != layout[5 + axis]);
  }
  const auto other = spectral_layout(rings({3}), 5, {.seed = 1});
  CHECK(layout[0] == other[0]);
  CHECK(layout[3] != other[3]);
  CHECK(spectral_layout(rings({}), 2).shape() == Shape{0, 2});
}

TEST_CASE("spectral_layout: tens of thousands of rows without an edge take no time") {
  const auto layout = spectral_layout(rings(std::vector<Index>(30'000, 1)), 2);
  CHECK(finite(layout));
}

TEST_CASE("spectral_layout: the same bits on any number of threads") {
  const auto mixed = rings({17'000, 3, 500, 1, 2, 130, 5000});
  CHECK(same_bits_on_any_threads([&] { return spectral_layout(mixed, 2); }));
  const auto blobs = golden_graph("blobs_graph", 300, 300);
  const auto x = golden_manifold("blobs_X");
  CHECK(same_bits_on_any_threads([&] { return spectral_layout(blobs, 2, {.seed = 4}, &x); }));
}

TEST_CASE("spectral_layout: says what it needs") {
  CHECK_THROWS_WITH_AS(spectral_layout(rings({3}), 0), "spectral_layout: need dimensions >= 1, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(spectral_layout(graph_of(2, 2, {{0, 1, -1}, {1, 0, -1}}), 2),
                       "spectral_layout: need columns below 2 and finite weights >= 0, got edge 0 to column 1 of "
                       "weight -1",
                       ArgumentError);
  CHECK_THROWS_AS(spectral_layout(graph_of(2, 2, {{0, 1, NAN}, {1, 0, NAN}}), 2), ArgumentError);
  CHECK_THROWS_AS(spectral_layout(graph_of(2, 3, {{0, 2, 1}}), 2), ArgumentError);
  const auto data = normal<float>({4, 2}, 0);
  CHECK_THROWS_WITH_AS(spectral_layout(rings({3}), 2, {}, &data), "spectral_layout: need data [3, D], got [4, 2]",
                       ShapeError);
}

TEST_CASE("spectral_layout: weights of any scale give numbers") {
  for (const float weight : {1e-30F, 1e-9F, 1e30F}) {
    auto graph = rings({300});
    std::ranges::fill(graph.weights, weight);
    CHECK(finite(spectral_layout(graph, 2)));
  }
}
