#pragma once

#include <cstddef>

// The same register tile compiled for several instruction sets; which one runs is decided by what the
// processor has, so users need no -march flag.

namespace engram::kernels::simd {

#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,fma")
#endif
namespace avx512 {
inline constexpr int vector_bytes = 64;
inline constexpr int tile_rows = 12;
#include <engram/kernels/simd/gemm_tile.inl>
}  // namespace avx512
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
namespace avx2 {
inline constexpr int vector_bytes = 32;
inline constexpr int tile_rows = 6;
#include <engram/kernels/simd/gemm_tile.inl>
}  // namespace avx2
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif

namespace baseline {
inline constexpr int vector_bytes = 16;
inline constexpr int tile_rows = 6;
#include <engram/kernels/simd/gemm_tile.inl>
}  // namespace baseline

/// A register tile of the matrix product: `rows` x `columns` elements of the result.
template <class T>
struct GemmTile {
  std::ptrdiff_t rows;
  std::ptrdiff_t columns;
  void (*run)(std::ptrdiff_t k, const T* a, const T* b, T* c);
};

/// No tile of any instruction set has more elements.
inline constexpr std::ptrdiff_t largest_gemm_tile = 12 * 32;

/// The best tile that this processor can run.
template <class T>
const GemmTile<T>& gemm_tile() {
  static const GemmTile<T> best = [] {
    const auto columns = [](int bytes) { return 2 * bytes / static_cast<std::ptrdiff_t>(sizeof(T)); };
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f")) {
      return GemmTile<T>{avx512::tile_rows, columns(avx512::vector_bytes), avx512::gemm_tile<T>};
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
      return GemmTile<T>{avx2::tile_rows, columns(avx2::vector_bytes), avx2::gemm_tile<T>};
    }
#endif
    return GemmTile<T>{baseline::tile_rows, columns(baseline::vector_bytes), baseline::gemm_tile<T>};
  }();
  return best;
}

}  // namespace engram::kernels::simd
