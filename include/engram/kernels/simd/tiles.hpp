#pragma once

#include <cstddef>

#include <engram/kernels/simd/instruction_sets.hpp>

namespace engram::kernels {

enum class Store { overwrite, add };

}  // namespace engram::kernels

namespace engram::kernels::simd {

/// A piece of a matrix product that is summed in registers: `rows` x `columns` elements of c = a b. They differ in
/// where a and b come from, see tiles.inl; `shifted` and `gathered` write c packed [rows, columns].
template <class T>
struct Tile {
  std::ptrdiff_t rows = 0;
  std::ptrdiff_t columns = 0;
  void (*packed)(std::ptrdiff_t k, const T* a, const T* b, T* c, std::ptrdiff_t ldc) = nullptr;
  void (*add_packed)(std::ptrdiff_t k, const T* a, const T* b, T* c, std::ptrdiff_t ldc) = nullptr;
  void (*shifted)(std::ptrdiff_t k, const T* a, const T* b, const std::ptrdiff_t* offsets, T* c) = nullptr;
  void (*gathered)(std::ptrdiff_t k, const T* const* a, const std::ptrdiff_t* offsets, const T* b, T* c) = nullptr;
  void (*product)(std::ptrdiff_t k, const T* a, std::ptrdiff_t lda, const T* b, std::ptrdiff_t ldb, T* c,
                  std::ptrdiff_t ldc) = nullptr;
  void (*add_transposed)(std::ptrdiff_t k, const T* a, std::ptrdiff_t lda, const T* b, std::ptrdiff_t ldb, T* c,
                         std::ptrdiff_t ldc) = nullptr;
};

/// One shape for most products, one for a number of rows that the first would waste, one for a single row, and one for
/// few columns.
template <class T>
struct Tiles {
  Tile<T> tall;
  Tile<T> wide;
  Tile<T> single;
  Tile<T> narrow;

  /// The shape that computes the fewest elements for an m x n result; `tall` when in doubt.
  const Tile<T>& best(std::ptrdiff_t m, std::ptrdiff_t n) const {
    const auto computed = [m, n](const Tile<T>& t) {
      return (m + t.rows - 1) / t.rows * t.rows * ((n + t.columns - 1) / t.columns * t.columns);
    };
    const Tile<T>& broad = computed(wide) < computed(tall) ? wide : tall;
    return 2 * computed(single) < computed(broad) ? single : broad;
  }
};

/// No tile of any instruction set has more elements.
inline constexpr std::ptrdiff_t largest_tile = 12 * 32;
/// No tile of any instruction set has more rows, or more columns.
inline constexpr std::ptrdiff_t most_tile_rows = 12;
inline constexpr std::ptrdiff_t most_tile_columns = 128;

#define ENGRAM_SIMD_SOURCE <engram/kernels/simd/tiles.inl>
#include <engram/kernels/simd/each_instruction_set.inl>

/// The tiles of the widest instruction set that this processor has.
template <class T>
const Tiles<T>& tiles() {
  static const Tiles<T> best = best_of(avx512::tiles<T>, avx2::tiles<T>, baseline::tiles<T>);
  return best;
}

}  // namespace engram::kernels::simd
