#include <engram/kernels/simd/widest.hpp>

#include <doctest/doctest.h>

#include <stdexcept>

using namespace engram::kernels;

TEST_CASE("with_widest: calls once, fills what it is told to fill, lets exceptions through") {
  int calls = 0;
  simd::with_widest([&] { ++calls; });
  CHECK(calls == 1);
  float sums[100] = {};
  simd::with_widest([&] {
    for (int i = 0; i < 100; ++i) {
      sums[i] = static_cast<float>(i) * 2;
    }
  });
  CHECK(sums[99] == 198);
  CHECK_THROWS_AS(simd::with_widest([] { throw std::runtime_error("x"); }), std::runtime_error);
}
