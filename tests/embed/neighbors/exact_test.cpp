#include <engram/embed/neighbors/exact.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <engram/io/npy.hpp>

#include "support/golden_manifold.hpp"
#include "support/neighbor_lists.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::embed;
using support::golden_manifold;

namespace {

/// The inner distances of row i of a from all rows of b, sorted; in double, by plain loops.
template <class T>
std::vector<Found> brute_force(const Tensor<T>& a, Index i, const Tensor<T>& b, Metric metric) {
  std::vector<Found> all;
  for (Index j = 0; j < b.dim(0); ++j) {
    double sum = 0;
    for (Index d = 0; d < b.dim(1); ++d) {
      const double difference = static_cast<double>(a[i * b.dim(1) + d]) - static_cast<double>(b[j * b.dim(1) + d]);
      sum += metric == Metric::manhattan ? std::abs(difference) : difference * difference;
    }
    all.push_back({sum, static_cast<std::int32_t>(j)});
  }
  std::sort(all.begin(), all.end());
  return all;
}

/// Row by row: self first, then indices that a brute force over prepared rows finds (of data without near ties).
template <class T>
void check_self(const Tensor<T>& x, Index k, Metric metric) {
  const auto lists = exact_neighbors(x, k, metric);
  const auto rows = prepare(x, metric);
  REQUIRE(lists.indices.shape() == Shape{x.dim(0), k});
  Index wrong = 0;
  double error = 0;
  for (Index i = 0; i < x.dim(0); ++i) {
    auto all = brute_force(rows, i, rows, metric);
    std::erase_if(all, [i](const Found& f) { return f.index == i; });
    all.insert(all.begin(), {0.0, static_cast<std::int32_t>(i)});
    for (Index c = 0; c < k; ++c) {
      const Found& expected = all[static_cast<std::size_t>(c)];
      const double distance = finish(metric, expected.distance);
      wrong += lists.indices[i * k + c] == expected.index ? 0 : 1;
      error = std::max(error, std::abs(static_cast<double>(lists.distances[i * k + c]) - distance) / (distance + 1e-9));
    }
  }
  CHECK(wrong == 0);
  CHECK(error < 1e-6);
}

/// Distances as umap-learn's; indices too where the next distances differ.
template <class T>
void check_golden(const NeighborLists<T>& lists, const std::string& name) {
  CAPTURE(name);
  const auto indices = golden_manifold<std::int32_t>(name + "_idx");
  const auto distances = golden_manifold(name + "_dist");
  REQUIRE(lists.indices.shape() == indices.shape());
  Index wrong = 0;
  double error = 0;
  for (Index i = 0; i < indices.size(); ++i) {
    wrong += lists.indices[i] == indices[i] ? 0 : 1;
    error = std::max(error, std::abs(static_cast<double>(lists.distances[i]) - static_cast<double>(distances[i])) /
                                (static_cast<double>(distances[i]) + 1e-9));
  }
  CHECK(wrong == 0);
  CHECK(error < 1e-6);
}

template <class T>
bool same_bits(const NeighborLists<T>& a, Index row_a, const NeighborLists<T>& b, Index row_b) {
  const Index k = a.indices.dim(1);
  const auto size = static_cast<std::size_t>(k);
  return std::memcmp(a.indices.data() + row_a * k, b.indices.data() + row_b * k, size * sizeof(std::int32_t)) == 0 &&
         std::memcmp(a.distances.data() + row_a * k, b.distances.data() + row_b * k, size * sizeof(T)) == 0;
}

template <class T>
Tensor<T> row_range(const Tensor<T>& x, Index begin, Index end) {
  return Tensor<T>::from({end - begin, x.dim(1)},
                         x.elements().subspan(static_cast<std::size_t>(begin * x.dim(1)),
                                              static_cast<std::size_t>((end - begin) * x.dim(1))));
}

/// Clusters 1e4 apart of rows that differ by 1e-2: squared lengths say nothing about distances in float.
Tensor<float> far_clusters(Index rows, Index columns) {
  auto x = normal<float>({rows, columns}, 11);
  for (Index i = 0; i < x.size(); ++i) {
    x[i] = 1e-2F * x[i] + (i / columns % 3 == 0 ? 1e4F : i / columns % 3 == 1 ? -1e4F : 5e3F);
  }
  return x;
}

}  // namespace

TEST_CASE("exact_neighbors: points on a line by hand, ties by index, self first") {
  const auto x = Tensor<float>::from({5, 1}, {0, 1, 2, 1, 7});
  const auto lists = exact_neighbors(x, 4);
  const std::int32_t expected[] = {0, 1, 3, 2, 1, 3, 0, 2, 2, 1, 3, 0, 3, 1, 0, 2, 4, 2, 1, 3};
  CHECK(std::ranges::equal(lists.indices.elements(), expected));
  CHECK(lists.distances[0] == 0);
  CHECK(lists.distances[3] == 2);
  CHECK(lists.distances[4 + 1] == 0);
  CHECK(lists.distances[16 + 3] == 6);
  const auto found = exact_neighbors(Tensor<float>::from({2, 1}, {1, 6}), x, 3);
  const std::int32_t expected_found[] = {1, 3, 0, 4, 2, 1};
  CHECK(std::ranges::equal(found.indices.elements(), expected_found));
  CHECK(found.distances[5] == 5);
}

TEST_CASE("exact_neighbors: digits, blobs and Swiss roll as umap-learn's") {
  for (const std::string name : {"digits", "blobs", "roll"}) {
    check_golden(exact_neighbors(golden_manifold(name + "_X"), 15), name + "_knn");
    check_golden(exact_neighbors(golden_manifold<double>(name + "_X"), 15), name + "_knn");
  }
}

TEST_CASE("exact_neighbors: new digits among others as umap-learn's") {
  const auto digits = golden_manifold("digits_X");
  check_golden(exact_neighbors(row_range(digits, 1500, 1797), row_range(digits, 0, 1500), 15), "transform_digits_knn");
}

TEST_CASE("exact_neighbors: every metric as a brute force, of float and double, for rows that fill blocks or do not") {
  for (const Metric metric : all_metrics) {
    CAPTURE(static_cast<int>(metric));
    check_self(normal<double>({450, 7}, 1), 12, metric);
    check_self(normal<float>({385, 33}, 2), 17, metric);
    check_self(normal<float>({40, 3}, 3), 40, metric);
    check_self(normal<double>({192, 3}, 4), 2, metric);
  }
  check_self(normal<float>({300, 600}, 5), 15, Metric::euclidean);  // sums in several steps
  check_self(normal<double>({1, 3}, 6), 1, Metric::cosine);
}

TEST_CASE("exact_neighbors: queries by every metric as a brute force") {
  const auto x = normal<double>({500, 9}, 7);
  const auto queries = normal<double>({61, 9}, 8);
  for (const Metric metric : all_metrics) {
    const auto lists = exact_neighbors(queries, x, 13, metric);
    const auto rows = prepare(x, metric);
    const auto prepared = prepare(queries, metric);
    Index wrong = 0;
    for (Index i = 0; i < 61; ++i) {
      const auto all = brute_force(prepared, i, rows, metric);
      for (Index c = 0; c < 13; ++c) {
        wrong += lists.indices[i * 13 + c] == all[static_cast<std::size_t>(c)].index ? 0 : 1;
      }
    }
    CHECK(wrong == 0);
  }
}

TEST_CASE("exact_neighbors: data of any magnitude") {
  for (const double factor : {1e-150, 1e-12, 1e15, 1e140}) {
    auto x = normal<double>({220, 4}, 9);
    const auto expected = exact_neighbors(x, 10).indices;
    for (double& v : x.elements()) {
      v *= factor;
    }
    CHECK(std::ranges::equal(exact_neighbors(x, 10).indices.elements(), expected.elements()));
  }
  auto x = normal<float>({220, 4}, 9);
  const auto expected = exact_neighbors(x, 10).indices;
  for (const float factor : {0x1p-90F, 0x1p100F}) {
    auto scaled = x;
    for (float& v : scaled.elements()) {
      v *= factor;
    }
    CHECK(std::ranges::equal(exact_neighbors(scaled, 10).indices.elements(), expected.elements()));
  }
}

TEST_CASE("exact_neighbors: an outlier of 1e30 does not hide how the others lie") {
  auto x = normal<float>({250, 4}, 10);
  x[4 * 100] = 1e30F;
  check_self(x, 9, Metric::euclidean);
  check_self(x, 9, Metric::manhattan);
}

TEST_CASE("exact_neighbors: clusters far from each other, narrow against their distance") {
  check_self(far_clusters(700, 5), 15, Metric::euclidean);
  check_self(far_clusters(300, 5), 15, Metric::manhattan);
}

TEST_CASE("exact_neighbors: more equal rows than neighbours: self, then smallest indices, all at distance 0") {
  auto x = Tensor<float>::full({700, 6}, 0.1F);
  for (Index i = 0; i < 700; ++i) {
    x[i * 6] = static_cast<float>(i % 2);  // two groups of 350
  }
  for (const Metric metric : all_metrics) {
    const auto lists = exact_neighbors(x, 5, metric);
    const std::int32_t of_0[] = {0, 2, 4, 6, 8};
    const std::int32_t of_501[] = {501, 1, 3, 5, 7};
    CHECK(std::ranges::equal(lists.indices.elements().first(5), of_0));
    CHECK(std::ranges::equal(lists.indices.elements().subspan(501 * 5, 5), of_501));
    CHECK(std::ranges::all_of(lists.distances.elements(), [](float d) { return d == 0; }));
  }
}

TEST_CASE("exact_neighbors: rows sorted along a line") {
  auto x = Tensor<double>::uninitialized({1000, 1});
  for (Index i = 0; i < 1000; ++i) {
    x[i] = static_cast<double>(i * i);
  }
  check_self(x, 6, Metric::euclidean);
}

TEST_CASE("exact_neighbors: the same bits on any number of threads") {
  const auto x = normal<float>({900, 20}, 12);
  const auto clusters = far_clusters(600, 4);
  CHECK(same_bits_on_any_threads([&] { return exact_neighbors(x, 10).indices; }));
  CHECK(same_bits_on_any_threads([&] { return exact_neighbors(x, 10, Metric::cosine).distances; }));
  CHECK(same_bits_on_any_threads([&] { return exact_neighbors(clusters, 10).indices; }));
  CHECK(same_bits_on_any_threads([&] { return exact_neighbors(x, clusters.reshaped({120, 20}), 10).distances; }));
}

TEST_CASE("exact_neighbors: a query's bits do not depend on the rest of the batch, nor on huge queries in it") {
  const auto x = normal<float>({400, 20}, 13);
  auto queries = normal<float>({250, 20}, 14);
  queries[100 * 20 + 3] = 1e20F;
  for (const Metric metric : all_metrics) {
    const auto all = exact_neighbors(queries, x, 7, metric);
    for (const Index q : {0, 99, 100, 249}) {
      CHECK(same_bits(exact_neighbors(row_range(queries, q, q + 1), x, 7, metric), 0, all, q));
    }
  }
  // and those of x among itself are the same again
  CHECK(same_bits(exact_neighbors(row_range(x, 5, 6), x, 7), 0, exact_neighbors(x, 7), 5));
}

TEST_CASE("exact_neighbors: no queries, no rows found") {
  const auto lists = exact_neighbors(Tensor<float>::zeros({0, 3}), normal<float>({4, 3}, 1), 2);
  CHECK(lists.indices.shape() == Shape{0, 2});
}

TEST_CASE("exact_neighbors: errors say what was needed and what was got") {
  auto x = normal<float>({6, 3}, 1);
  CHECK_THROWS_WITH_AS(exact_neighbors(x, 0), "exact_neighbors: need 1 <= k <= 6 (the rows of x), got 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(exact_neighbors(x, 7), "exact_neighbors: need 1 <= k <= 6 (the rows of x), got 7",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(exact_neighbors(x, x, 7), "exact_neighbors: need 1 <= k <= 6 (the rows of x), got 7",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(exact_neighbors(normal<float>({2, 4}, 1), x, 2),
                       "exact_neighbors: need queries [Q, 3] for x [6, 3], got [2, 4]", ShapeError);
  CHECK_THROWS_WITH_AS(exact_neighbors(Tensor<float>::zeros({0, 3}), 1),
                       "exact_neighbors: need x [N, D] with 1 <= N < 2^31 and D >= 1, got [0, 3]", ArgumentError);
  x[7] = NAN;
  CHECK_THROWS_WITH_AS(exact_neighbors(x, 2), "exact_neighbors: need finite x, got nan in row 2, column 1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(exact_neighbors(x, normal<float>({6, 3}, 1), 2),
                       "exact_neighbors: need finite queries, got nan in row 2, column 1", ArgumentError);
}
