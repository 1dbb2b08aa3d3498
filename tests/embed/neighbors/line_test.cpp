#include <engram/embed/neighbors/line.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using embed::circle_neighbors;
using embed::line_neighbors;

namespace {

constexpr double turn = 2 * std::numbers::pi;

double line_distance(double a, double b) {
  return std::abs(a - b);
}
double arc(double a, double b) {
  const double d = std::fmod(std::abs(a - b), turn);
  return std::min(d, turn - d);
}

/// Whether the lists hold, of each row, itself and then those with the smallest of all distances, each once.
bool are_nearest(const embed::NeighborLists<float>& lists, const Tensor<double>& x,
                 double (*distance)(double, double)) {
  const Index k = lists.indices.dim(1);
  for (Index i = 0; i < x.size(); ++i) {
    std::vector<double> all;
    for (const double other : x.elements()) {
      all.push_back(distance(x[i], other));
    }
    std::ranges::sort(all);
    std::set<std::int32_t> seen;
    for (Index j = 0; j < k; ++j) {
      const std::int32_t index = lists.indices[i * k + j];
      const auto given = static_cast<double>(lists.distances[i * k + j]);
      seen.insert(index);
      if (std::abs(given - all[static_cast<std::size_t>(j)]) > 1e-6 ||
          std::abs(given - distance(x[i], x[index])) > 1e-6) {
        return false;
      }
    }
    if (std::ssize(seen) != k || lists.indices[i * k] != i) {
      return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("line_neighbors: a worked example") {
  const auto lists = line_neighbors(Tensor<double>::from({4}, {5, 1, 2, 4.5}), 3);
  CHECK(list(lists.indices) == std::vector<std::int32_t>{0, 3, 2, 1, 2, 3, 2, 1, 3, 3, 0, 2});
  CHECK(list(lists.distances) == std::vector<float>{0, 0.5F, 3, 0, 1, 3.5F, 0, 1, 2.5F, 0, 0.5F, 2.5F});
}

TEST_CASE("line_neighbors: those of a search through all, up to all of them") {
  const auto x = normal({60}, 1);
  for (const Index k : {1, 2, 7, 60}) {
    CHECK(are_nearest(line_neighbors(x, k), x, line_distance));
  }
}

TEST_CASE("line_neighbors: of equal numbers each has its own, near it in order") {
  const auto lists = line_neighbors(Tensor<double>::full({6}, 3), 3);
  CHECK(list(lists.indices) == std::vector<std::int32_t>{0, 1, 2, 1, 0, 2, 2, 1, 3, 3, 2, 4, 4, 3, 5, 5, 4, 3});
}

TEST_CASE("circle_neighbors: those of a search through all, across the end of a turn and over many turns") {
  auto x = normal({60}, 2);
  for (double& v : x.elements()) {
    v *= 10;
  }
  for (const Index k : {1, 2, 7, 60}) {
    CHECK(are_nearest(circle_neighbors(x, k), x, arc));
  }
  const auto lists = circle_neighbors(Tensor<double>::from({3}, {0.1, 3, -0.1}), 2);
  CHECK(list(lists.indices) == std::vector<std::int32_t>{0, 2, 1, 0, 2, 0});
  CHECK(lists.distances[1] == doctest::Approx(0.2));
}

TEST_CASE("line_neighbors: same bits on any number of threads") {
  const auto x = normal({3000}, 3);
  CHECK(same_bits_on_any_threads([&] { return line_neighbors(x, 5).distances; }));
  CHECK(same_bits_on_any_threads([&] { return circle_neighbors(x, 5).indices; }));
}

TEST_CASE("line_neighbors and circle_neighbors: what cannot be is named") {
  CHECK_THROWS_WITH_AS(line_neighbors(normal({3, 1}, 1), 2), "line_neighbors: need values [N], got [3, 1]", ShapeError);
  CHECK_THROWS_WITH_AS(circle_neighbors(normal({3}, 1), 4), "circle_neighbors: need k from 1 to 3, got 4",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(line_neighbors(Tensor<double>::from({2}, {0, NAN}), 1),
                       "line_neighbors: need finite values, got nan at 1", ArgumentError);
}
