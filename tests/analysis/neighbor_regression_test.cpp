#include <engram/analysis/neighbor_regression.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/waves.hpp"

using namespace engram;
using namespace engram::analysis;

TEST_CASE("neighbor_regression: by hand") {
  const auto points = Tensor<float>::from({5, 1}, {0, 1, 2, 10, 11});
  const auto targets = Tensor<double>::from({5, 2}, {1, 0, 2, 0, 6, 3, 10, 0, 20, 5});
  const auto queries = Tensor<float>::from({2, 1}, {0.4f, 11.5f});
  CHECK(list(neighbor_regression(points, targets, queries, 1)) == std::vector<double>{1, 0, 20, 5});
  CHECK(list(neighbor_regression(points, targets, queries, 2)) == std::vector<double>{1.5, 0, 15, 2.5});
  CHECK(list(neighbor_regression(points, targets, queries, 3)) == std::vector<double>{3, 1, 12, 8.0 / 3});
}

TEST_CASE("neighbor_regression: as scikit-learn") {
  // scikit-learn 1.2.1: KNeighborsRegressor(k).fit(wave(40, 3, 1.0), wave(40, 2, 2.0)).predict(wave(4, 3, 0.5))
  // for k = 5 and 1, of which the first and the last row
  const auto five = neighbor_regression(wave(40, 3, 1), wave(40, 2, 2), wave(4, 3, 0.5));
  CHECK(five.shape() == Shape{4, 2});
  CHECK(five[0] == doctest::Approx(0.942889919081397).epsilon(1e-14));
  CHECK(five[1] == doctest::Approx(0.925339562306248).epsilon(1e-14));
  CHECK(five[6] == doctest::Approx(0.24203093532024).epsilon(1e-13));
  CHECK(five[7] == doctest::Approx(-0.56062800893221948).epsilon(1e-14));
  const auto one = neighbor_regression(wave(40, 3, 1), wave(40, 2, 2), wave(4, 3, 0.5), 1);
  CHECK(one[0] == doctest::Approx(0.997348845035564).epsilon(1e-14));
  CHECK(one[7] == doctest::Approx(-0.3575714516031168).epsilon(1e-14));
}

TEST_CASE("neighbor_regression: errors say what was needed and what was got") {
  const auto points = normal({6, 2}, 1);
  const auto targets = normal({6, 1}, 2);
  auto broken = points;
  broken[3] = INFINITY;
  CHECK_THROWS_WITH_AS(neighbor_regression(points, normal({5, 1}, 2), points),
                       "neighbor_regression: need points [N, D] and targets [N, K], got [6, 2] and [5, 1]", ShapeError);
  CHECK_THROWS_WITH_AS(neighbor_regression(points, targets, normal({6, 3}, 1)),
                       "neighbor_regression: need queries [Q, 2], got [6, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(neighbor_regression(points, targets, points, 7),
                       "neighbor_regression: need 1 <= n_neighbors <= 6 (the points), got 7", ArgumentError);
  CHECK_THROWS_WITH_AS(neighbor_regression(broken, targets, points),
                       "neighbor_regression: need finite points, got inf in row 1, column 1", ArgumentError);
  CHECK_THROWS_WITH_AS(neighbor_regression(points, broken, points),
                       "neighbor_regression: need finite targets, got inf in row 1, column 1", ArgumentError);
  CHECK_THROWS_WITH_AS(neighbor_regression(points, targets, broken),
                       "neighbor_regression: need finite queries, got inf in row 1, column 1", ArgumentError);
  CHECK(neighbor_regression(points, targets, Tensor<double>::zeros({0, 2})).shape() == Shape{0, 1});
}
