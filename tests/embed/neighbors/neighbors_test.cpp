#include <engram/embed/neighbors/neighbors.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include "support/neighbor_lists.hpp"
#include "support/random_tensor.hpp"

using namespace engram;
using namespace engram::embed;

namespace {

std::vector<float> distances(const NeighborLists<float>& lists) {
  return {lists.distances.elements().begin(), lists.distances.elements().end()};
}

}  // namespace

TEST_CASE("nearest_neighbors: few or short rows are compared exactly, many long ones are not") {
  CHECK(chosen_method(1797, 64, 15) == NeighborMethod::exact);
  CHECK(chosen_method(20'000, 16, 15) == NeighborMethod::exact);
  CHECK(chosen_method(10'000, 784, 15) == NeighborMethod::exact);
  CHECK(chosen_method(20'000, 784, 15) == NeighborMethod::nn_descent);
  CHECK(chosen_method(70'000, 784, 15) == NeighborMethod::nn_descent);
  CHECK(chosen_method(1'000'000, 16, 15) == NeighborMethod::nn_descent);
}

TEST_CASE("nearest_neighbors: the more neighbours, the longer the exact method pays") {
  CHECK(chosen_method(30'000, 784, 15) == NeighborMethod::nn_descent);
  CHECK(chosen_method(30'000, 784, 100) == NeighborMethod::exact);
}

TEST_CASE("nearest_neighbors: a method that is asked for is taken") {
  CHECK(chosen_method(10, 2, 3, {.method = NeighborMethod::nn_descent}) == NeighborMethod::nn_descent);
  CHECK(chosen_method(1'000'000, 784, 3, {.method = NeighborMethod::exact}) == NeighborMethod::exact);
}

TEST_CASE("nearest_neighbors: hands rows, metric and seed to the method") {
  const auto x = normal<float>({800, 6}, 1);
  const auto exact = distances(exact_neighbors(x, 5, Metric::cosine));
  CHECK(distances(nearest_neighbors(x, 5, {.metric = Metric::cosine})) == exact);
  CHECK(distances(nearest_neighbors(x, 5, {.metric = Metric::cosine, .method = NeighborMethod::exact})) == exact);
  CHECK(
      distances(nearest_neighbors(x, 5, {.metric = Metric::cosine, .method = NeighborMethod::nn_descent, .seed = 4})) ==
      distances(nn_descent(x, 5, {.metric = Metric::cosine, .seed = 4})));
}

TEST_CASE("nearest_neighbors: what it refuses") {
  auto x = normal<float>({10, 3}, 2);
  CHECK_THROWS_WITH_AS(nearest_neighbors(x, 11), "nearest_neighbors: need 1 <= k <= 10 (the rows of x), got 11",
                       ArgumentError);
  CHECK_THROWS_AS(nearest_neighbors(Tensor<float>::zeros({4}), 1), ShapeError);
  x[29] = std::numeric_limits<float>::infinity();
  CHECK_THROWS_WITH_AS(nearest_neighbors(x, 2), "nearest_neighbors: need finite x, got inf in row 9, column 2",
                       ArgumentError);
}
