#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

// Elementary functions without branches or tables, so that a loop over them compiles to vector instructions. For
// float they are accurate to a few units in the last place over the whole range (tests/kernels/simd/math_test.cpp
// states each); for double they are the standard library's.
//
// The polynomials are Chebyshev fits to the functions named beside them; the range reductions are those of Cody and
// Waite, "Software manual for the elementary functions", 1980.

namespace engram::kernels::simd {

namespace detail {

/// c0 x^n + c1 x^(n-1) + ... + cn, by Horner's rule.
template <class... C>
inline float polynomial(float x, float first, C... rest) {
  float sum = first;
  ((sum = sum * x + rest), ...);
  return sum;
}

inline float power_of_two(std::int32_t exponent) {  // -126..127
  return std::bit_cast<float>((exponent + 127) << 23);
}

/// x with the sign of `from`.
inline float with_sign(float x, float from) {
  const std::uint32_t sign = std::bit_cast<std::uint32_t>(from) & 0x80000000u;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) | sign);
}

/// atanh(s) = s + s^3 P(s^2) for |s| <= 1/3.
inline float small_atanh(float s) {
  const float z = s * s;
  return s + s * z * polynomial(z, 0.104010081F, 0.0873034733F, 0.111325512F, 0.14285145F, 0.200000055F, 0.333333333F);
}

/// exp(r) - 1 = r + r^2 P(r) for |r| <= 1/2.
inline float small_expm1(float r) {
  return r + r * r * polynomial(r, 0.000199621861F, 0.00139821969F, 0.00833318204F, 0.041665791F, 0.166666671F, 0.5F);
}

}  // namespace detail

/// e^x; 0 below -104, infinity above 88.7.
template <class T>
inline T exp(T x) {
  if constexpr (std::is_same_v<T, float>) {
    const float low = x < -104.0F ? -104.0F : x;
    const float clamped = low > 89.0F ? 89.0F : low;
    const float n = (clamped * 1.44269504F + 12582912.0F) - 12582912.0F;  // rounds to a whole number
    const float r = (clamped - n * 0.693359375F) + n * 2.12194440e-4F;
    const auto exponent = static_cast<std::int32_t>(clamped == clamped ? n : 0.0F);
    const std::int32_t half = exponent >> 1;  // 2^exponent in two factors, since it may lie outside float's range
    const float mantissa =
        1.0F + (r + r * r * detail::polynomial(r, 0.00139345445F, 0.00836377647F, 0.0416664568F, 0.166665734F, 0.5F));
    return mantissa * detail::power_of_two(half) * detail::power_of_two(exponent - half);
  } else {
    return std::exp(x);
  }
}

/// Natural logarithm; NaN below 0, -infinity at 0.
template <class T>
inline T log(T x) {
  if constexpr (std::is_same_v<T, float>) {
    // Special cases are told by the bits and added at the end: a choice between results would become a branch.
    const auto given = std::bit_cast<std::int32_t>(x);
    const bool tiny = given < 0x00800000;  // subnormal, zero or negative
    const auto bits = std::bit_cast<std::uint32_t>(x * (tiny ? 8388608.0F : 1.0F));
    const auto shifted = static_cast<std::int32_t>(bits - 0x3F3504F3u);  // the mantissa lies in [sqrt(1/2), sqrt(2))
    const std::int32_t exponent = (shifted >> 23) - (tiny ? 23 : 0);
    const float m = std::bit_cast<float>((shifted & 0x007FFFFF) + 0x3F3504F3);
    const float n = static_cast<float>(exponent);
    const float f = m - 1.0F;
    const float tail = 2.0F * detail::small_atanh(f / (2.0F + f));
    const float finite = n * 0.693359375F + (tail - n * 2.12194440e-4F);
    const float above = given >= 0x7F800000 ? x : 0.0F;  // infinity and NaN
    const float below = given < 0 ? std::numeric_limits<float>::quiet_NaN() : above;
    return finite + ((given & 0x7FFFFFFF) == 0 ? -std::numeric_limits<float>::infinity() : below);
  } else {
    return std::log(x);
  }
}

/// e^x - 1, accurate near 0.
template <class T>
inline T expm1(T x) {
  if constexpr (std::is_same_v<T, float>) {
    const float small = detail::small_expm1(x);
    const float large = exp(x) - 1.0F;
    return x > -0.5F && x < 0.5F ? small : large;
  } else {
    return std::expm1(x);
  }
}

/// log(1 + e^-x) for x >= 0, accurate where it is small.
template <class T>
inline T log1p_exp_minus(T x) {
  if constexpr (std::is_same_v<T, float>) {
    const float u = exp(-x);  // log(1 + u) = 2 atanh(u / (2 + u))
    return 2.0F * detail::small_atanh(u / (2.0F + u));
  } else {
    return std::log1p(std::exp(-x));
  }
}

template <class T>
inline T sigmoid(T x) {
  return T{1} / (T{1} + exp(-x));
}

template <class T>
inline T tanh(T x) {
  if constexpr (std::is_same_v<T, float>) {
    const float z = x * x;
    const float small =
        x + x * z * detail::polynomial(z, -0.00610494799F, 0.0210036412F, -0.0538524975F, 0.133327823F, -0.333333291F);
    const float size = x < 0.0F ? -x : x;
    const float large = 1.0F - 2.0F / (exp(2.0F * size) + 1.0F);
    return size < 0.625F ? small : detail::with_sign(large, x);
  } else {
    return std::tanh(x);
  }
}

/// The error function.
template <class T>
inline T erf(T x) {
  if constexpr (std::is_same_v<T, float>) {
    const float z = x * x;
    const float small = x * detail::polynomial(z, 7.8824971e-05F, -0.000801885499F, 0.00518931194F, -0.0268543288F,
                                               0.112835975F, -0.376126269F, 1.12837917F);
    const float size = x < 0.0F ? -x : x;
    const float bounded = size > 4.2F ? 4.2F : size;
    const float t = 1.0F / (1.0F + 0.4F * bounded);  // erfc(x) = e^(-x^2) t P(t)
    const float large = 1.0F - exp(-bounded * bounded) * t *
                                   detail::polynomial(t, -0.109132577F, 0.219773412F, 0.0409805902F, 0.189451201F,
                                                      0.208212335F, 0.22471357F, 0.225797447F);
    return size < 1.0F ? small : detail::with_sign(large, x);
  } else {
    return std::erf(x);
  }
}

}  // namespace engram::kernels::simd
