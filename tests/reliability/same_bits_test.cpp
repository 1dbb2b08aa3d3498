#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <thread>
#include <vector>

#include <engram/core/parallel.hpp>

#include "reliability/results.hpp"

using namespace engram;

namespace {

std::uint32_t on_threads(reliability::Compute compute, int threads) {
  const ThreadScope scope(threads);
  return compute();
}

}  // namespace

TEST_CASE("same bits: on 1, 2, 3, 4 and 8 threads, again, and beside another run in the same process") {
  for (const auto& result : reliability::results()) {
    INFO(result.first);
    const reliability::Compute compute = result.second;
    const std::uint32_t one = on_threads(compute, 1);
    for (const int threads : {2, 3, 4, 8, 2}) {
      CHECK(on_threads(compute, threads) == one);
    }
    std::uint32_t beside[2] = {};
    {
      const std::jthread first([&] { beside[0] = on_threads(compute, 2); });
      const std::jthread second([&] { beside[1] = on_threads(compute, 1); });
    }
    CHECK(beside[0] == one);
    CHECK(beside[1] == one);
  }
}

TEST_CASE("same bits: within a parallel region of the caller") {
  for (const auto& result : reliability::results()) {
    INFO(result.first);
    const reliability::Compute compute = result.second;
    std::vector<std::uint32_t> sums(3);
    const ThreadScope scope(3);
    parallel_for(3, [&](Index i) { sums[static_cast<std::size_t>(i)] = compute(); });
    CHECK(sums[1] == sums[0]);
    CHECK(sums[2] == sums[0]);
    CHECK(sums[0] == on_threads(compute, 1));
  }
}
