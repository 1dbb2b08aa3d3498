#include <engram/analysis/landmarks.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;
using analysis::farthest_landmarks;

TEST_CASE("farthest_landmarks: by hand, of equally far rows the first") {
  const auto x = Tensor<float>::from({6, 1}, {0, 1, 5, 9, 10, 4});
  const auto three = farthest_landmarks(x, 3);
  CHECK(list(three.indices) == std::vector<std::int64_t>{0, 4, 2});
  CHECK(three.covering_radius == 1);
  const auto from_middle = farthest_landmarks(x, 3, 2);  // 0 and 10 are as far from 5
  CHECK(list(from_middle.indices) == std::vector<std::int64_t>{2, 0, 4});
  CHECK(farthest_landmarks(x, 1).covering_radius == 10);
}

TEST_CASE("farthest_landmarks: all rows where as many are asked for, but equal rows once") {
  const auto x = normal<double>({20, 3}, 1);
  const auto all = farthest_landmarks(x, 20);
  CHECK(all.indices.size() == 20);
  CHECK(all.covering_radius == 0);
  const auto twins = Tensor<double>::from({4, 2}, {1, 2, 3, 4, 1, 2, 3, 4});
  CHECK(list(farthest_landmarks(twins, 4).indices) == std::vector<std::int64_t>{0, 1});
}

TEST_CASE("farthest_landmarks: landmarks are apart by at least the radius in which they cover the data") {
  const auto x = normal<float>({3000, 3}, 2);
  const auto found = farthest_landmarks(x, 50);
  for (Index a = 0; a < 50; ++a) {
    for (Index b = 0; b < a; ++b) {
      double square = 0;
      for (Index d = 0; d < 3; ++d) {
        const double difference =
            static_cast<double>(x[found.indices[a] * 3 + d]) - static_cast<double>(x[found.indices[b] * 3 + d]);
        square += difference * difference;
      }
      CHECK(std::sqrt(square) >= found.covering_radius);
    }
  }
}

TEST_CASE("farthest_landmarks: errors say what was needed and what was got") {
  auto x = normal<float>({5, 2}, 4);
  CHECK_THROWS_WITH_AS(farthest_landmarks(x, 6), "farthest_landmarks: need 1 <= count <= 5 (the rows of x), got 6",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(farthest_landmarks(x, 0), "farthest_landmarks: need 1 <= count <= 5 (the rows of x), got 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(farthest_landmarks(x, 2, 5), "farthest_landmarks: need 0 <= first < 5 (the rows of x), got 5",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(farthest_landmarks(Tensor<float>::zeros({5}), 1), "farthest_landmarks: need x [N, D], got [5]",
                       ShapeError);
  x[3] = NAN;
  CHECK_THROWS_WITH_AS(farthest_landmarks(x, 2), "farthest_landmarks: need finite x, got nan in row 1, column 1",
                       ArgumentError);
}
