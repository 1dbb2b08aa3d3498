#include <engram/embed/neighbors/nn_descent.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include <engram/embed/neighbors/exact.hpp>
#include <engram/io/npy.hpp>

#include "support/golden_manifold.hpp"
#include "support/neighbor_lists.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::embed;
using support::golden_manifold;

namespace {

/// Indices, then the distances' bits.
std::vector<std::int32_t> bits(const NeighborLists<float>& lists) {
  std::vector<std::int32_t> all(lists.indices.elements().begin(), lists.indices.elements().end());
  all.resize(static_cast<std::size_t>(2 * lists.indices.size()));
  std::memcpy(all.data() + lists.indices.size(), lists.distances.data(),
              static_cast<std::size_t>(lists.distances.size()) * sizeof(float));
  return all;
}

}  // namespace

TEST_CASE("nn_descent: finds the neighbours of the digits that umap-learn 0.5.3 (Debian) lists") {
  const auto lists = nn_descent(golden_manifold("digits_X"), 15);
  CHECK(faults(lists) == "");
  CHECK(recall(lists, golden_manifold("digits_knn_dist")) > 0.999);
}

TEST_CASE("nn_descent: finds more than 99 in 100 neighbours by each metric, at the distances of an exact search") {
  const auto x = clusters<float>(3000, 10, 1);
  for (const Metric metric : all_metrics) {
    CAPTURE(static_cast<int>(metric));
    const auto lists = nn_descent(x, 12, {.metric = metric});
    CHECK(faults(lists) == "");
    CHECK(recall(lists, exact_neighbors(x, 12, metric).distances) > 0.995);
    Index differing = 0;
    for (Index i = 0; i < lists.indices.size(); ++i) {
      const float direct = distance(metric, x.data() + i / 12 * 10, x.data() + lists.indices[i] * 10, 10);
      differing += i % 12 == 0 || lists.distances[i] == direct ? 0 : 1;
    }
    CHECK(differing == 0);
  }
}

TEST_CASE("nn_descent: also in double, for few and for many neighbours") {
  const auto x = clusters<double>(2000, 6, 2);
  for (const Index k : {2, 40}) {
    const auto lists = nn_descent(x, k);
    CHECK(faults(lists) == "");
    CHECK(recall(lists, exact_neighbors(x, k).distances) > 0.995);
  }
}

TEST_CASE("nn_descent: rows far from the origin and close to each other lose no digits") {
  auto x = clusters<float>(1500, 5, 3);
  for (float& v : x.elements()) {
    v = std::ldexp(std::round(std::ldexp(v, 6)), -6) + 65536.0F;  // multiples of 2^-6: sums with 2^16 are exact
  }
  const auto lists = nn_descent(x, 10);
  CHECK(recall(lists, exact_neighbors(x, 10).distances) > 0.995);
}

TEST_CASE("nn_descent: rounds of joins find what the leaves of two partitions miss") {
  const auto x = normal<float>({4000, 8}, 4);
  const auto exact = exact_neighbors(x, 10);
  const auto leaves = nn_descent(x, 10, {.n_trees = 2, .n_iters = 0});
  CHECK(faults(leaves) == "");
  CHECK(recall(leaves, exact.distances) < 0.9);
  CHECK(recall(nn_descent(x, 10, {.n_trees = 2}), exact.distances) > 0.99);
}

TEST_CASE("nn_descent: the same bits on any number of threads") {
  const auto x = clusters<float>(1700, 7, 5);
  CHECK(same_bits_on_any_threads([&] { return bits(nn_descent(x, 8)); }));
}

TEST_CASE("nn_descent: the same bits on two threads where rows are joined in several blocks") {
  const auto x = normal<float>({17000, 3}, 6);
  const auto on = [&](int threads) {
    const ThreadScope scope(threads);
    return bits(nn_descent(x, 5, {.n_trees = 2, .n_iters = 2}));
  };
  CHECK(on(1) == on(2));
}

TEST_CASE("nn_descent: a seed gives the same lists again, another seed others") {
  const auto x = normal<float>({2000, 20}, 7);
  const auto with = [&](std::uint64_t seed) {
    return bits(nn_descent(x, 10, {.seed = seed, .n_trees = 2, .n_iters = 0}));
  };
  CHECK(with(1) == with(1));
  CHECK(with(1) != with(2));
}

TEST_CASE("nn_descent: repeated rows are each other's neighbours at distance 0") {
  auto x = normal<float>({2000, 4}, 8);
  for (Index i = 0; i < x.size(); ++i) {
    x[i] = x[i % (40 * 4)];  // 40 different rows, 50 times each
  }
  const auto lists = nn_descent(x, 15);
  CHECK(faults(lists) == "");
  CHECK(std::ranges::all_of(lists.distances.elements(), [](float d) { return d == 0; }));
}

TEST_CASE("nn_descent: equal rows have distance 0 by each metric, of zeros too") {
  for (const Metric metric : all_metrics) {
    for (const float value : {0.0F, 2.5F}) {
      const auto lists = nn_descent(Tensor<float>::full({700, 3}, value), 6, {.metric = metric});
      CHECK(faults(lists) == "");
      CHECK(std::ranges::all_of(lists.distances.elements(), [](float d) { return d == 0; }));
    }
  }
}

TEST_CASE("nn_descent: of few rows the lists hold all others") {
  CHECK(faults(nn_descent(Tensor<float>::zeros({1, 3}), 1)) == "");
  for (const Index n : {2, 3, 17, 30}) {
    const auto x = normal<float>({n, 3}, 9);
    const auto lists = nn_descent(x, n);
    CHECK(faults(lists) == "");
    CHECK(lists.indices.elements()[1] == exact_neighbors(x, n).indices[1]);
  }
  CHECK(nn_descent(normal<float>({600, 3}, 9), 1).indices.shape() == Shape{600, 1});
}

TEST_CASE("nn_descent: rows of any magnitude have the neighbours that they have at scale 1") {
  const auto x = clusters<float>(1500, 5, 12);
  const auto expected = nn_descent(x, 10);
  for (const Metric metric : {Metric::euclidean, Metric::squared_euclidean, Metric::manhattan}) {
    CAPTURE(static_cast<int>(metric));
    const auto at_one = nn_descent(x, 10, {.metric = metric});
    for (const float factor : {0x1p-100F, 0x1p-80F, 0x1p-60F, 0x1p60F, 0x1p70F, 0x1p120F}) {
      CAPTURE(factor);
      const auto lists = nn_descent(multiplied(x, factor), 10, {.metric = metric});
      CHECK(std::ranges::equal(lists.indices.elements(), at_one.indices.elements()));
      const float unit = metric == Metric::squared_euclidean ? factor * factor : factor;
      Index differing = 0;
      for (Index i = 0; i < lists.distances.size(); ++i) {
        const float from_one = at_one.distances[i] * unit;
        differing += i % 10 == 0 || lists.distances[i] == from_one || !std::isnormal(from_one) ? 0 : 1;
      }
      CHECK(differing == 0);
    }
  }
  for (const float factor : {1e-37F, 1e-25F, 1e-22F, 1e20F, 1e36F}) {
    const auto scaled = multiplied(x, factor);
    CHECK(recall(nn_descent(scaled, 10), exact_neighbors(scaled, 10).distances) > 0.995);
  }
}

TEST_CASE("nn_descent: rows that differ in magnitude by more than squares of floats can, zeros among them") {
  auto x = normal<float>({900, 2}, 10);
  for (Index i = 0; i < 60; ++i) {
    x[i] = (i % 2 == 0 ? 1.0F : -1.0F) * std::numeric_limits<float>::max() / static_cast<float>(1 + i % 7);
  }
  for (Index i = 60; i < 200; ++i) {
    x[i] *= i < 100 ? 0.0F : 1e-30F;
  }
  const auto lists = nn_descent(x, 10);
  CHECK(faults(lists) == "");
  CHECK(recall(lists, exact_neighbors(x, 10).distances) > 0.995);
}

TEST_CASE("nn_descent: what it refuses") {
  auto x = normal<float>({10, 3}, 11);
  CHECK_THROWS_WITH_AS(nn_descent(x, 11), "nn_descent: need 1 <= k <= 10 (the rows of x), got 11", ArgumentError);
  CHECK_THROWS_AS(nn_descent(x, 0), ArgumentError);
  CHECK_THROWS_AS(nn_descent(Tensor<float>::zeros({10}), 1), ShapeError);
  CHECK_THROWS_WITH_AS(
      nn_descent(x, 2, {.n_trees = 1}),
      "nn_descent: need n_trees >= 2, max_candidates >= 1, n_iters and delta >= 0, got 1, 60, 20, 0.001",
      ArgumentError);
  x[7] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(nn_descent(x, 2), "nn_descent: need finite x, got nan in row 2, column 1", ArgumentError);
}
