#pragma once

#include <bit>
#include <cstdint>

#include <engram/kernels/simd/math.hpp>

namespace engram::kernels::simd {

/// x^exponent for a normal positive x, with a relative error below 3e-6 while the result lies in 2^-126 .. 2^126; what
/// lies outside becomes the nearer of those two. Without branches, so that a loop over it compiles to vector code.
///
/// 2^(exponent log2(x)), both by polynomials that are minimax fits to log2(1 + f) on [sqrt(1/2) - 1, sqrt(2) - 1] and
/// to 2^r on [-1/2, 1/2].
[[gnu::always_inline]] inline float positive_power(float x, float exponent) {
  const std::int32_t shifted =
      std::bit_cast<std::int32_t>(x) - 0x3F3504F3;  // the mantissa lies in [sqrt(1/2), sqrt(2))
  const float f = std::bit_cast<float>((shifted & 0x007FFFFF) + 0x3F3504F3) - 1.0F;
  const float log2 = static_cast<float>(shifted >> 23) +
                     f * detail::polynomial(f, 0.170656822F, -0.272686214F, 0.297250772F, -0.358963247F, 0.480466229F,
                                            -0.721375827F, 1.4426997F);
  const float y = exponent * log2;
  const float low = y < -126.0F ? -126.0F : y;
  const float bounded = low > 126.0F ? 126.0F : low;
  const float n = (bounded + 12582912.0F) - 12582912.0F;  // rounds to a whole number
  const float mantissa =
      detail::polynomial(bounded - n, 0.00132764668F, 0.00967554129F, 0.0555071329F, 0.240221197F, 0.693146967F, 1.0F);
  return mantissa * detail::power_of_two(static_cast<std::int32_t>(n));
}

}  // namespace engram::kernels::simd
