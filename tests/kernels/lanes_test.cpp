#include <engram/kernels/lanes.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <vector>

using namespace engram;

TEST_CASE("for_each_lane: visits each position once, whatever the length") {
  for (Index size = 0; size < 70; ++size) {
    std::vector<int> visits(static_cast<std::size_t>(size) + 6);
    kernels::for_each_lane(3, size + 3, [&](Index i) { ++visits[static_cast<std::size_t>(i)]; });
    CHECK(std::accumulate(visits.begin() + 3, visits.end() - 3, 0) == size);
    CHECK(std::count(visits.begin(), visits.end(), 1) == size);
  }
}

TEST_CASE("sum_lanes: sums each position once, whatever the length") {
  for (Index size = 0; size < 70; ++size) {
    const double sum = kernels::sum_lanes<double>(3, size + 3, [](Index i) { return static_cast<double>(i); });
    CHECK(sum == static_cast<double>(size * (size + 5)) / 2);
  }
}
