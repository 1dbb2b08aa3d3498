#pragma once

#include <cstddef>
#include <utility>

namespace engram::kernels::simd {

#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx2")
#endif
namespace avx2 {
namespace squares {
inline constexpr int vector_bytes = 32;
#include <engram/kernels/simd/transpose.inl>
}  // namespace squares
}  // namespace avx2
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif

namespace baseline {
namespace squares {
inline constexpr int vector_bytes = 16;
#include <engram/kernels/simd/transpose.inl>
}  // namespace squares
}  // namespace baseline

/// out[j, i] = in[i, j] for a matrix [rows, columns]; strides are the distances of rows in memory.
template <class T>
void transpose(std::ptrdiff_t rows, std::ptrdiff_t columns, const T* in, std::ptrdiff_t in_stride, T* out,
               std::ptrdiff_t out_stride) {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2");
  if (wide) {
    return avx2::squares::transpose(rows, columns, in, in_stride, out, out_stride);
  }
#endif
  baseline::squares::transpose(rows, columns, in, in_stride, out, out_stride);
}

}  // namespace engram::kernels::simd
