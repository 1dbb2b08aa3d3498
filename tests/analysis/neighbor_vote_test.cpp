#include <engram/analysis/neighbor_vote.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include <engram/io/npy.hpp>

#include "support/golden_manifold.hpp"
#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;
using namespace engram::analysis;
using support::golden_manifold;

TEST_CASE("neighbor_vote: by hand; of equally frequent labels the smallest") {
  const auto points = Tensor<double>::from({5, 1}, {0, 1, 2, 10, 11});
  const auto labels = Tensor<std::int64_t>::from({5}, {7, 4, 7, 3, -2});
  const auto queries = Tensor<double>::from({3, 1}, {0.4, 11.5, 1.6});
  CHECK(list(neighbor_vote(points, labels, queries, 1)) == std::vector<std::int64_t>{7, -2, 7});
  CHECK(list(neighbor_vote(points, labels, queries, 2)) == std::vector<std::int64_t>{4, -2, 4});
  CHECK(list(neighbor_vote(points, labels, queries, 3)) == std::vector<std::int64_t>{7, -2, 7});
}

TEST_CASE("neighbor_vote_accuracy: leaves the point itself out") {
  const auto points = Tensor<float>::from({5, 1}, {0, 1, 2, 10, 11});
  const auto labels = Tensor<std::int32_t>::from({5}, {0, 0, 0, 1, 1});
  CHECK(neighbor_vote_accuracy(points, labels, 1) == 1);
  CHECK(neighbor_vote_accuracy(points, labels, 2) == doctest::Approx(0.6));  // 10 and 11 see one 0 and one 1: 0 wins
  CHECK(neighbor_vote_accuracy(points, labels, 4) == doctest::Approx(0.6));
}

TEST_CASE("neighbor_vote_accuracy: umap-learn's map of digits, as scikit-learn found") {
  const auto map = golden_manifold("digits_umaplearn_emb_seed0");
  const auto labels = golden_manifold<std::int32_t>("digits_y");
  CHECK(neighbor_vote_accuracy(map, labels, 5) == doctest::Approx(0.9888703394546466).epsilon(1e-12));
  CHECK(neighbor_vote_accuracy(map, labels, 15) == doctest::Approx(0.9872008903728436).epsilon(1e-12));
}

TEST_CASE("neighbor_vote_cross_validation: umap-learn's map of digits, as scikit-learn found") {
  const auto map = golden_manifold("digits_umaplearn_emb_seed0");
  const auto labels = golden_manifold<std::int32_t>("digits_y");
  CHECK(neighbor_vote_cross_validation(map, labels, 5) == doctest::Approx(0.9844196843082639).epsilon(1e-12));
  CHECK(neighbor_vote_cross_validation(map, labels, 15) == doctest::Approx(0.9805261528938409).epsilon(1e-12));
}

TEST_CASE("neighbor_vote_cross_validation: folds as scikit-learn's StratifiedKFold") {
  const auto labels = Tensor<std::int32_t>::from({13}, {5, 5, 2, 7, 2, 2, 7, 5, 2, 2, 7, 5, 5});
  CHECK(analysis::detail::stratified_folds(labels, 3) == std::vector<Index>{0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 1, 2});
}

TEST_CASE("neighbor_vote: errors say what was needed and what was got") {
  const auto points = normal<float>({6, 2}, 1);
  const auto labels = Tensor<std::int32_t>::zeros({6});
  const auto few = Tensor<std::int32_t>::zeros({5});
  CHECK_THROWS_WITH_AS(neighbor_vote(points, few, points),
                       "neighbor_vote: need points [N, D] and labels [N], got [6, 2] and [5]", ShapeError);
  CHECK_THROWS_WITH_AS(neighbor_vote_accuracy(points, few),
                       "neighbor_vote_accuracy: need points [N, D] and labels [N], got [6, 2] and [5]", ShapeError);
  CHECK_THROWS_WITH_AS(neighbor_vote_accuracy(points, labels, 6),
                       "neighbor_vote_accuracy: need 1 <= n_neighbors < 6 (the points), got 6", ArgumentError);
  CHECK_THROWS_WITH_AS(neighbor_vote(points, labels, points, 7),
                       "neighbor_vote: need 1 <= n_neighbors <= 6 (the points), got 7", ArgumentError);
  CHECK_THROWS_WITH_AS(neighbor_vote(points, labels, points, 0),
                       "neighbor_vote: need 1 <= n_neighbors <= 6 (the points), got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(neighbor_vote(points, labels, normal<float>({4, 3}, 2)),
                       "neighbor_vote: need queries [Q, 2], got [4, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(neighbor_vote_cross_validation(points, labels, 2, 1),
                       "neighbor_vote_cross_validation: need 2 <= folds <= 6 (the points), got 1", ArgumentError);
}

TEST_CASE("neighbor_vote_cross_validation: no more neighbours than points outside the largest fold") {
  const auto points = normal<float>({50, 2}, 2);
  auto labels = Tensor<std::int32_t>::zeros({50});
  for (Index i = 0; i < 50; ++i) {
    labels[i] = static_cast<std::int32_t>(i * i % 3);
  }
  CHECK_THROWS_WITH_AS(
      neighbor_vote_cross_validation(points, labels, 49),
      "neighbor_vote_cross_validation: need 1 <= n_neighbors <= 40 (the points outside a fold), got 49", ArgumentError);
  CHECK_THROWS_WITH_AS(
      neighbor_vote_cross_validation(points, labels, 38, 4),
      "neighbor_vote_cross_validation: need 1 <= n_neighbors <= 37 (the points outside a fold), got 38", ArgumentError);
  CHECK_THROWS_AS(neighbor_vote_cross_validation(points, labels, 0), ArgumentError);
  CHECK_NOTHROW(neighbor_vote_cross_validation(points, labels, 40));
  CHECK_NOTHROW(neighbor_vote_cross_validation(points, labels, 37, 4));
}

TEST_CASE("neighbor_vote: entries that are not finite are named as the caller knows them") {
  auto points = normal<float>({20, 2}, 3);
  const auto good = points;
  const auto labels = Tensor<std::int32_t>::zeros({20});
  points[31] = NAN;
  CHECK_THROWS_WITH_AS(neighbor_vote(points, labels, good),
                       "neighbor_vote: need finite points, got nan in row 15, column 1", ArgumentError);
  CHECK_THROWS_WITH_AS(neighbor_vote(good, labels, points),
                       "neighbor_vote: need finite queries, got nan in row 15, column 1", ArgumentError);
  CHECK_THROWS_WITH_AS(neighbor_vote_accuracy(points, labels),
                       "neighbor_vote_accuracy: need finite points, got nan in row 15, column 1", ArgumentError);
  CHECK_THROWS_WITH_AS(neighbor_vote_cross_validation(points, labels),
                       "neighbor_vote_cross_validation: need finite points, got nan in row 15, column 1",
                       ArgumentError);
  CHECK(neighbor_vote(good, labels, Tensor<float>::zeros({0, 2})).shape() == Shape{0});
}
