#pragma once

#include <cstddef>
#include <utility>

#include <engram/kernels/simd/instruction_sets.hpp>

namespace engram::kernels::simd {

#define ENGRAM_SIMD_SOURCE <engram/kernels/simd/dots.inl>
#include <engram/kernels/simd/each_instruction_set.inl>

/// sums[i] = sum_q sum_p a[i lda + q distance + p] b[q k + p] for i < rows, q < parts, p < k: inner products of windows
/// of a with one vector. Each is made of as many interleaved sums as the processor's vectors are long, whatever the
/// number of rows.
template <class T>
void dots(std::ptrdiff_t rows, std::ptrdiff_t parts, std::ptrdiff_t k, const T* a, std::ptrdiff_t lda,
          std::ptrdiff_t distance, const T* b, T* sums) {
  static const auto best = best_of(&avx512::dots<T>, &avx2::dots<T>, &baseline::dots<T>);
  best(rows, parts, k, a, lda, distance, b, sums);
}

}  // namespace engram::kernels::simd
