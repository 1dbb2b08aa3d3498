#pragma once

#include <engram/core/shape.hpp>

namespace engram::kernels {

/// Elements that an inner loop handles: a number known to the compiler, which then uses vector instructions
/// without being asked for more than -O2.
inline constexpr Index lanes = 16;

/// Calls f(i) for i in begin .. end-1. Calls must not depend on each other.
///
/// Always inlined, into a caller that is compiled for wider vectors (simd/widest.hpp): Clang's `flatten` goes one call
/// deep.
template <class F>
[[gnu::always_inline]] inline void for_each_lane(Index begin, Index end, F f) {
  Index i = begin;
  for (; i + lanes <= end; i += lanes) {
#if defined(__clang__)
#pragma clang loop vectorize(assume_safety)
#elif defined(__GNUC__)
#pragma GCC ivdep
#endif
    for (Index j = 0; j < lanes; ++j) {
      f(i + j);
    }
  }
  for (; i < end; ++i) {
    f(i);
  }
}

/// The larger one; NaN if one of them is.
template <class T>
[[gnu::always_inline]] inline T larger(T a, T b) {
  const T most = a < b ? b : a;
  return b != b ? b : most;
}

/// Sum of f(i) for i in begin .. end-1, as 16 interleaved sums that are then added in order.
template <class T, class F>
[[gnu::always_inline]] inline T sum_lanes(Index begin, Index end, F f) {
  T partial[lanes] = {};
  Index i = begin;
  for (; i + lanes <= end; i += lanes) {
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC ivdep
#endif
    for (Index j = 0; j < lanes; ++j) {
      partial[j] += f(i + j);
    }
  }
  for (Index j = 0; j < lanes && i + j < end; ++j) {
    partial[j] += f(i + j);
  }
  T total{0};
  for (const T p : partial) {
    total += p;
  }
  return total;
}

}  // namespace engram::kernels
