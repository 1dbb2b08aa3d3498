#pragma once

#include <cstddef>
#include <utility>

#include <engram/kernels/simd/instruction_sets.hpp>

namespace engram::kernels::simd {

#define ENGRAM_SIMD_SOURCE <engram/kernels/simd/transpose.inl>
#include <engram/kernels/simd/each_instruction_set.inl>

/// out[j, i] = in[i, j] for a matrix [rows, columns]; strides are the distances of rows in memory.
template <class T>
void transpose(std::ptrdiff_t rows, std::ptrdiff_t columns, const T* in, std::ptrdiff_t in_stride, T* out,
               std::ptrdiff_t out_stride) {
  static const auto best = best_of(&avx512::transpose<T>, &avx2::transpose<T>, &baseline::transpose<T>);
  best(rows, columns, in, in_stride, out, out_stride);
}

}  // namespace engram::kernels::simd
