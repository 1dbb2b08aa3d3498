#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace engram::kernels::simd {

/// The square root, to 1 unit in the last place; NaN below 0. Infinity and NaN are their own.
///
/// std::sqrt may set errno, which keeps compilers from using vector instructions for a loop that calls it; this one
/// is arithmetic alone. A first guess of 1 / sqrt(x) comes from the halved exponent, Newton's steps
/// y (3 - x y^2) / 2 refine it, and one more step for x y = sqrt(x) removes what rounding left.
/// Sources of the constants: Lomont, "Fast inverse square root", 2003; for double Robertson, "A brief history of
/// InvSqrt", 2012.
template <std::floating_point T>
[[gnu::always_inline]] inline T square_root(T x) {
  constexpr bool single = std::is_same_v<T, float>;
  static_assert(single || std::is_same_v<T, double>);
  using Bits = std::conditional_t<single, std::uint32_t, std::uint64_t>;
  constexpr Bits magic = single ? static_cast<Bits>(0x5F375A86u) : static_cast<Bits>(0x5FE6EB50C7B537A9u);
  constexpr T up = single ? T(0x1p64) : T(0x1p512);  // lifts what is too small to have a full mantissa
  constexpr T down = single ? T(0x1p-32) : T(0x1p-256);
  constexpr T least = T{1} / up;

  const bool small = x < least;
  const T scaled = x * (small ? up : T{1});
  const T half = scaled / 2;
  T y = std::bit_cast<T>(static_cast<Bits>(magic - (std::bit_cast<Bits>(scaled) >> 1)));
  y *= T(1.5) - half * y * y;
  y *= T(1.5) - half * y * y;
  y *= T(1.5) - half * y * y;
  if constexpr (!single) {
    y *= T(1.5) - half * y * y;
  }
  const T root = scaled * y;
  const T better = root + T(0.5) * y * (scaled - root * root);
  const T result = better * (small ? down : T{1});
  const T root_or_nan = x < T{0} ? std::numeric_limits<T>::quiet_NaN() : result;
  return x > std::numeric_limits<T>::max() ? x : root_or_nan;
}

}  // namespace engram::kernels::simd
