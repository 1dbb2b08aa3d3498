#include <engram/analysis/densest_rows.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using analysis::densest_rows;

TEST_CASE("densest_rows: by hand, in the order of the rows") {
  // Distances to the second nearest: 2 2 3 9 47 3
  const auto x = Tensor<float>::from({6, 1}, {0, 1, 3, 10, 50, -2});
  CHECK(list(densest_rows(x, 0.17, 2)) == std::vector<std::int64_t>{0});
  CHECK(list(densest_rows(x, 0.5, 2)) == std::vector<std::int64_t>{0, 1, 2});  // 2 and 5 are as dense: the first
  CHECK(list(densest_rows(x, 0.8, 2)) == std::vector<std::int64_t>{0, 1, 2, 3, 5});
  CHECK(list(densest_rows(x, 1, 2)) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5});
  CHECK(list(densest_rows(x, 1e-9, 2)) == std::vector<std::int64_t>{0});
}

TEST_CASE("densest_rows: of a normal distribution keeps the middle") {
  const auto x = normal<double>({2000, 2}, 1);
  const auto rows = densest_rows(x, 0.5, 100);
  CHECK(rows.size() == 1000);
  Index inside = 0;
  for (const std::int64_t row : rows.elements()) {
    inside += std::hypot(x[2 * row], x[2 * row + 1]) < std::sqrt(2 * std::log(2.0)) ? 1 : 0;  // the median radius
  }
  CHECK(inside > 900);
}

TEST_CASE("densest_rows: the same on any number of threads") {
  const auto x = normal<float>({1000, 4}, 2);
  CHECK(same_bits_on_any_threads([&] { return densest_rows(x, 0.3); }));
}

TEST_CASE("densest_rows: errors say what was needed and what was got") {
  auto x = normal<float>({20, 2}, 3);
  CHECK_THROWS_WITH_AS(densest_rows(x, 0), "densest_rows: need a share above 0 and at most 1, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(densest_rows(x, NAN), "densest_rows: need a share above 0 and at most 1, got nan",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(densest_rows(x, 0.5, 20), "densest_rows: need 1 <= n_neighbors < N for N = 20, got 20",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(densest_rows(Tensor<float>::zeros({5}), 0.5), "densest_rows: need x [N, D], got [5]",
                       ShapeError);
  x[3] = NAN;
  CHECK_THROWS_WITH_AS(densest_rows(x, 0.5), "densest_rows: need finite x, got nan in row 1, column 1", ArgumentError);
}
