#include <engram/analysis/centred.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/numbers.hpp"

using namespace engram;
using namespace engram::analysis::detail;

TEST_CASE("centred_columns: by hand, in double") {
  const auto centred = centred_columns("f", "x", Tensor<float>::from({3, 2}, {1, 5, 2, 5, 6, 8}));
  CHECK(list(centred.mean) == std::vector<double>{3, 6});
  CHECK(list(centred.values) == std::vector<double>{-2, -1, -1, -1, 3, 2});
  CHECK(largest_difference(centred.squares, std::vector<double>{14, 6}) < 1e-14);
  CHECK(squared_norm(centred.values) == 20);
  CHECK_THROWS_WITH_AS(centred_columns("f", "x", Tensor<float>::from({1, 2}, {1, NAN})),
                       "f: need finite x, got nan in row 0, column 1", ArgumentError);
}

TEST_CASE("column_products: inner products of the columns") {
  const auto a = Tensor<double>::from({2, 2}, {1, 2, 3, 4});
  const auto b = Tensor<double>::from({2, 3}, {1, 0, 5, 0, 1, 7});
  CHECK(list(column_products(a, b)) == std::vector<double>{1, 3, 26, 2, 4, 38});
}
