#include <engram/analysis/ring_controls.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;
using namespace engram::analysis;

namespace {

/// Rows of which the second number goes with the first, moved away from 0.
Tensor<double> going_together(Index count) {
  auto x = normal({count, 3}, 1);
  for (Index i = 0; i < count; ++i) {
    x[3 * i] += 7;
    x[3 * i + 1] = 2 * x[3 * i] + 0.5 * x[3 * i + 1];
  }
  return x;
}

/// [3, 3], divisor N - 1.
std::vector<double> covariance(const Tensor<double>& x) {
  const auto centred = analysis::detail::centred_columns("covariance", "x", x);
  auto products = list(analysis::detail::column_products(centred.values, centred.values));
  std::ranges::for_each(products, [&](double& value) { value /= static_cast<double>(x.dim(0) - 1); });
  return products;
}

}  // namespace

TEST_CASE("shuffled_columns: each column keeps its numbers and loses its relation to the others") {
  const auto x = going_together(2000);
  Rng rng(3);
  const auto shuffled = shuffled_columns(x, rng);
  for (Index j = 0; j < 3; ++j) {
    std::vector<double> before;
    std::vector<double> after;
    for (Index i = 0; i < 2000; ++i) {
      before.push_back(x[3 * i + j]);
      after.push_back(shuffled[3 * i + j]);
    }
    CHECK(before != after);
    std::ranges::sort(before);
    std::ranges::sort(after);
    CHECK(before == after);
  }
  CHECK(covariance(x)[1] > 1.8);
  CHECK(std::abs(covariance(shuffled)[1]) < 0.2);
}

TEST_CASE("normal_rows_like: the mean and the covariance of the rows, and no other rows of the same") {
  const auto x = going_together(20000);
  Rng rng(3);
  const auto drawn = normal_rows_like(x, rng);
  CHECK(drawn.shape() == x.shape());
  CHECK(largest_difference(Tensor<double>::from({9}, covariance(drawn)), covariance(x)) < 0.15);
  const auto mean = [](const Tensor<double>& rows, Index column) {
    double sum = 0;
    for (Index i = column; i < rows.size(); i += 3) {
      sum += rows[i];
    }
    return sum / static_cast<double>(rows.dim(0));
  };
  for (Index j = 0; j < 3; ++j) {
    CHECK(mean(drawn, j) == doctest::Approx(mean(x, j)).epsilon(0.01));
  }
  CHECK(list(normal_rows_like(x, rng)) != list(drawn));
}

TEST_CASE("normal_rows_like: a column that is the sum of others stays so") {
  auto x = going_together(50);
  for (Index i = 0; i < 50; ++i) {
    x[3 * i + 2] = x[3 * i] + x[3 * i + 1];
  }
  Rng rng(1);
  const auto drawn = normal_rows_like(x, rng);
  for (Index i = 0; i < 50; ++i) {
    CHECK(drawn[3 * i + 2] == doctest::Approx(drawn[3 * i] + drawn[3 * i + 1]).epsilon(1e-5));
  }
}

TEST_CASE("ring controls: errors say what was needed and what was got") {
  Rng rng(1);
  CHECK_THROWS_AS(shuffled_columns(Tensor<double>::zeros({3}), rng), ShapeError);
  CHECK_THROWS_WITH_AS(normal_rows_like(Tensor<double>::zeros({1, 2}), rng),
                       "normal_rows_like: need x [N, D] with N >= 2, got [1, 2]", ArgumentError);
}
