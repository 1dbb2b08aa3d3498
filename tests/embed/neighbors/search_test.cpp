#include <engram/embed/neighbors/search.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>
#include <limits>
#include <vector>

#include <engram/embed/neighbors/exact.hpp>
#include <engram/embed/neighbors/nn_descent.hpp>

#include "support/neighbor_lists.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::embed;

namespace {

/// The rows begin .. end-1.
Tensor<float> part(const Tensor<float>& x, Index begin, Index end) {
  const auto row = static_cast<std::size_t>(x.dim(1));
  return Tensor<float>::from(
      {end - begin, x.dim(1)},
      x.elements().subspan(static_cast<std::size_t>(begin) * row, static_cast<std::size_t>(end - begin) * row));
}

/// 3,300 rows in clusters, the last 300 of them as queries.
struct Example {
  Tensor<float> all = clusters<float>(3300, 12, 1);
  Tensor<float> x = part(all, 0, 3000);
  Tensor<float> queries = part(all, 3000, 3300);
};

}  // namespace

TEST_CASE("neighbor index: walks the graph to more than 98 in 100 neighbours by each metric") {
  const Example e;
  for (const Metric metric : all_metrics) {
    CAPTURE(static_cast<int>(metric));
    const NeighborIndex<float> index(e.x, nn_descent(e.x, 15, {.metric = metric}), {.metric = metric});
    const auto found = index.query(e.queries, 15);
    const auto exact = exact_neighbors(e.queries, e.x, 15, metric);
    CHECK(recall(found, exact.distances) > 0.98);
    Index differing = 0;
    for (Index i = 0; i < found.indices.size(); ++i) {
      const float direct = distance(metric, e.queries.data() + i / 15 * 12, e.x.data() + found.indices[i] * 12, 12);
      differing += found.distances[i] == direct ? 0 : 1;
    }
    CHECK(differing == 0);
  }
}

TEST_CASE("neighbor index: of few rows it finds exactly the nearest") {
  const Example e;
  const auto x = part(e.x, 0, 500);
  const NeighborIndex<float> index(x, exact_neighbors(x, 3));
  const auto found = index.query(e.queries, 20);
  const auto exact = exact_neighbors(e.queries, x, 20);
  CHECK(std::vector<std::int32_t>(found.indices.elements().begin(), found.indices.elements().end()) ==
        std::vector<std::int32_t>(exact.indices.elements().begin(), exact.indices.elements().end()));
}

TEST_CASE("neighbor index: a query alone has the bits that it has among others, on any number of threads") {
  const Example e;
  const NeighborIndex<float> index(e.x, nn_descent(e.x, 15));
  auto queries = e.queries;
  queries[100 * 12 + 3] = 1e20F;
  const auto together = index.query(queries, 7);
  Index differing = 0;
  for (Index i = 0; i < 300; ++i) {
    const auto alone = index.query(part(queries, i, i + 1), 7);
    differing += std::memcmp(alone.indices.data(), together.indices.data() + i * 7, 7 * sizeof(std::int32_t)) == 0 &&
                         std::memcmp(alone.distances.data(), together.distances.data() + i * 7, 7 * sizeof(float)) == 0
                     ? 0
                     : 1;
  }
  CHECK(differing == 0);
  CHECK(same_bits_on_any_threads([&] { return index.query(queries, 7).indices; }));
}

TEST_CASE("neighbor index: made again from the same rows and graph it answers the same") {
  const Example e;
  const auto graph = nn_descent(e.x, 10);
  CHECK(same_bits_on_any_threads(
      [&] { return NeighborIndex<float>(e.x, graph, {.seed = 3}).query(e.queries, 10).distances; }));
}

TEST_CASE("neighbor index: rows in a cluster of their own, which no sampled entry may meet, are found") {
  const Example e;
  auto x = e.x;
  for (Index i = 0; i < 20 * 12; ++i) {
    x[i] = 1000 + x[i] / 100;
  }
  const NeighborIndex<float> index(x, exact_neighbors(x, 10));
  const auto found = index.query(part(x, 0, 20), 10);
  const auto exact = exact_neighbors(part(x, 0, 20), x, 10);
  CHECK(recall(found, exact.distances) == 1);
}

TEST_CASE("neighbor index: more neighbours than the graph leads to are found by comparing all") {
  const Index n = 2500;
  auto graph = NeighborLists<float>{Tensor<std::int32_t>::zeros({n, 1}), Tensor<float>::zeros({n, 1})};
  for (Index i = 0; i < n; ++i) {
    graph.indices[i] = static_cast<std::int32_t>(i);
  }
  const auto x = normal<float>({n, 2}, 2);
  const NeighborIndex<float> alone(x, graph);  // no links: each row is a component
  CHECK(recall(alone.query(part(x, 0, 5), 30), exact_neighbors(part(x, 0, 5), x, 30).distances) == 1);
  const NeighborIndex<float> all(x, exact_neighbors(x, 5));
  const auto lists = all.query(part(x, 0, 3), n);
  CHECK(recall(lists, exact_neighbors(part(x, 0, 3), x, n).distances) == 1);
}

TEST_CASE("neighbor index: rows and queries of any magnitude have the neighbours that they have at scale 1") {
  const Example e;
  const auto graph = nn_descent(e.x, 15);
  for (const Metric metric : {Metric::euclidean, Metric::manhattan}) {
    CAPTURE(static_cast<int>(metric));
    const auto expected = NeighborIndex<float>(e.x, graph, {.metric = metric}).query(e.queries, 8);
    for (const float factor : {0x1p-100F, 0x1p-75F, 0x1p70F, 0x1p120F}) {
      CAPTURE(factor);
      const NeighborIndex<float> index(multiplied(e.x, factor), graph, {.metric = metric});
      const auto found = index.query(multiplied(e.queries, factor), 8);
      CHECK(std::ranges::equal(found.indices.elements(), expected.indices.elements()));
      CHECK(std::ranges::equal(found.distances.elements(), multiplied(expected.distances, factor).elements()));
    }
  }
}

TEST_CASE("neighbor index: queries far larger than the rows, or with rows far larger and smaller, as an exact search") {
  const Example e;
  auto wide = e.x;
  for (Index i = 0; i < 100 * 12; ++i) {
    wide[i] *= i < 600 ? 1e37F : 1e-30F;
  }
  const auto graph = nn_descent(e.x, 15);
  const auto check = [&](const Tensor<float>& x, const Tensor<float>& queries) {
    const auto found = NeighborIndex<float>(x, graph).query(queries, 8);
    const auto exact = exact_neighbors(queries, x, 8);
    CHECK(std::ranges::equal(found.indices.elements(), exact.indices.elements()));
    CHECK(std::ranges::equal(found.distances.elements(), exact.distances.elements()));
  };
  const auto some = part(e.queries, 0, 20);
  for (const float factor : {1e8F, 1e15F, 1e25F, 1e36F}) {
    CAPTURE(factor);
    check(e.x, multiplied(some, factor));
    check(multiplied(e.x, 1e-37F), multiplied(some, factor));
  }
  check(wide, part(wide, 0, 100));
  const NeighborIndex<float> index(wide, exact_neighbors(wide, 15));
  CHECK(recall(index.query(e.queries, 8), exact_neighbors(e.queries, wide, 8).distances) > 0.98);
}

TEST_CASE("neighbor index: repeated rows and queries among them") {
  auto x = normal<float>({3000, 4}, 3);
  for (Index i = 0; i < x.size(); ++i) {
    x[i] = x[i % 120];  // 30 different rows, 100 times each
  }
  const NeighborIndex<float> index(x, nn_descent(x, 15));
  const auto found = index.query(part(x, 0, 30), 15);
  for (const float d : found.distances.elements()) {
    CHECK(d == 0);
  }
}

TEST_CASE("neighbor index: no queries, no result; what it refuses") {
  const Example e;
  const auto x = part(e.x, 0, 50);
  auto graph = exact_neighbors(x, 5);
  const NeighborIndex<float> index(x, graph);
  CHECK(index.rows() == 50);
  CHECK(index.columns() == 12);
  CHECK(index.query(Tensor<float>::zeros({0, 12}), 3).indices.shape() == Shape{0, 3});
  CHECK_THROWS_WITH_AS(index.query(Tensor<float>::zeros({4, 11}), 3),
                       "NeighborIndex: need queries [M, 12], got [4, 11]", ShapeError);
  CHECK_THROWS_WITH_AS(index.query(Tensor<float>::zeros({4, 12}), 51),
                       "NeighborIndex: need 1 <= k <= 50 (the rows of x), got 51", ArgumentError);
  CHECK_THROWS_AS(index.query(Tensor<float>::full({1, 12}, std::numeric_limits<float>::infinity()), 3), ArgumentError);
  CHECK_THROWS_AS(NeighborIndex<float>(part(e.x, 0, 49), graph), ShapeError);
  graph.indices[7] = 50;
  CHECK_THROWS_WITH_AS(NeighborIndex<float>(x, graph), "NeighborIndex: need indices from 0 to 49, got 50 in row 1",
                       ArgumentError);
}
