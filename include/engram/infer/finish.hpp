#pragma once

#include <engram/core/shape.hpp>
#include <engram/kernels/lanes.hpp>

// What is done to the sums of a convolution before they are stored. To be called in loops under simd::with_widest.

namespace engram::infer {

/// out[c] = max(sums[c] + bias[c], lower); NaN stays.
template <class T>
[[gnu::always_inline]] inline void finish_pixel(const T* sums, const T* bias, T lower, Index channels, T* out) {
  kernels::for_each_lane(0, channels, [&](Index c) {
    const T value = sums[c] + bias[c];
    out[c] = value < lower ? lower : value;
  });
}

/// The same of the largest of four pixels' sums, which are `row` and `column` apart.
template <class T>
[[gnu::always_inline]] inline void finish_pool(const T* sums, Index row, Index column, const T* bias, T lower,
                                               Index channels, T* out) {
  using kernels::larger;
  kernels::for_each_lane(0, channels, [&](Index c) {
    const T above = larger(sums[c], sums[column + c]);
    const T below = larger(sums[row + c], sums[row + column + c]);
    const T value = larger(above, below) + bias[c];
    out[c] = value < lower ? lower : value;
  });
}

}  // namespace engram::infer
