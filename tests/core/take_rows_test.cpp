#include <engram/core/take_rows.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace engram;

TEST_CASE("take_rows: rows of a matrix, of a list and of images, in the order asked for") {
  const auto x = Tensor<int>::from({3, 2}, {1, 2, 3, 4, 5, 6});
  const std::vector<Index> rows{2, 0};
  const std::vector<Index> fifth{4};
  CHECK(std::ranges::equal(take_rows(x, rows).elements(), std::vector<int>{5, 6, 1, 2}));
  CHECK(take_rows(x, rows).shape() == Shape{2, 2});
  CHECK(take_rows(x.reshaped({6}), fifth).shape() == Shape{1});
  CHECK(take_rows(x.reshaped({3, 1, 2}), rows).shape() == Shape{2, 1, 2});
  CHECK(take_rows(x, std::vector<Index>{}).shape() == Shape{0, 2});
}

TEST_CASE("take_rows: a scalar and rows that there are not") {
  const auto x = Tensor<int>::from({3, 2}, {1, 2, 3, 4, 5, 6});
  const std::vector<Index> beyond{0, 3};
  CHECK_THROWS_WITH_AS(take_rows(x, beyond), "take_rows: need rows in 0..2, got 3", ArgumentError);
  CHECK_THROWS_WITH_AS(take_rows(Tensor<int>::full({}, 1), beyond), "take_rows: need x [N, ...], got x []", ShapeError);
}
