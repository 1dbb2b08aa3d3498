#include <engram/kernels/simd/power.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

using engram::kernels::simd::positive_power;

TEST_CASE("positive_power: within 3e-6 of the exact power") {
  double largest = 0;
  for (const float exponent : {-0.895F, -1.9F, 0.3F, 1.0F, 0.0F}) {
    for (double x = 1.2e-7; x < 1e8; x *= 1.0013) {
      const auto base = static_cast<float>(x);
      const double exact = std::pow(static_cast<double>(base), static_cast<double>(exponent));
      largest = std::max(largest, std::abs(static_cast<double>(positive_power(base, exponent)) / exact - 1));
    }
  }
  CHECK(largest < 3e-6);
  CHECK(positive_power(1.0F, 2.5F) == 1.0F);
}

TEST_CASE("positive_power: results beyond float's range become its ends") {
  CHECK(positive_power(1e30F, 3.0F) == 0x1p126F);
  CHECK(positive_power(1e30F, -3.0F) == 0x1p-126F);
}
