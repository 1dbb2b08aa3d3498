#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <engram/core/shape.hpp>
#include <engram/embed/neighbors/distance.hpp>
#include <engram/embed/neighbors/metric.hpp>
#include <engram/kernels/simd/widest.hpp>

// Many distances at once: tiles of pairs, so that an entry that was loaded serves several pairs, with the sums of all
// pairs of a tile in registers. By differences, not by products: no digits are lost where rows are close to each other
// and far from the origin, and both distances have the same form.

namespace engram::embed {

namespace detail {

/// Bytes of the vectors that kernels::simd::with_widest compiles its loops for on this processor.
inline int widest_vector_bytes() {
#if defined(__x86_64__)
  static const int bytes =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") ? 64
      : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")                                             ? 32
                                                                        : 16;
  return bytes;
#else
  return 16;
#endif
}

template <class T, int bytes>
struct VectorOf {
  typedef T type __attribute__((vector_size(bytes)));
  typedef T unaligned __attribute__((vector_size(bytes), aligned(alignof(T)), may_alias));
};

/// What a pair of entries adds to the distance.
template <bool manhattan, int bytes, class T>
[[gnu::always_inline]] inline void add_term(typename VectorOf<T, bytes>::type& sum,
                                            const typename VectorOf<T, bytes>::type& difference) {
  if constexpr (manhattan) {
    using Bits = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
    using Mask = typename VectorOf<Bits, bytes>::type;  // conversions between vectors keep the bits
    const Mask sized = (Mask)difference & ~(Bits{1} << (8 * sizeof(T) - 1));
    sum += (typename VectorOf<T, bytes>::type)sized;
  } else {
    sum += difference * difference;
  }
}

/// Sum of a vector's elements in the order of folded().
template <class T, int bytes>
[[gnu::always_inline]] inline T folded_vector(const typename VectorOf<T, bytes>::type& v) {
  if constexpr (bytes == 2 * sizeof(T)) {
    return v[0] + v[1];
  } else {
    typename VectorOf<T, bytes / 2>::type half[2];
    std::memcpy(half, &v, bytes);
    return folded_vector<T, bytes / 2>(half[0] + half[1]);
  }
}

/// out[i * ld + j] = distance of a[i] and b[j], i < rows, j < columns.
template <int bytes, int rows, int columns, bool manhattan, class T>
[[gnu::always_inline]] inline void pair_tile(Index width, const T* const* a, const T* const* b, T* out, Index ld) {
  using Vector = typename VectorOf<T, bytes>::type;
  using Unaligned = typename VectorOf<T, bytes>::unaligned;
  constexpr Index lanes = bytes / static_cast<Index>(sizeof(T));
  Vector sum[rows][columns] = {};
  for (Index d = 0; d < width; d += lanes) {
    Vector right[columns];
#pragma GCC unroll 4
    for (int j = 0; j < columns; ++j) {
      right[j] = *reinterpret_cast<const Unaligned*>(b[j] + d);
    }
#pragma GCC unroll 4
    for (int i = 0; i < rows; ++i) {
      const Vector left = *reinterpret_cast<const Unaligned*>(a[i] + d);
#pragma GCC unroll 4
      for (int j = 0; j < columns; ++j) {
        add_term<manhattan, bytes, T>(sum[i][j], left - right[j]);
      }
    }
  }
#pragma GCC unroll 4
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 4
    for (int j = 0; j < columns; ++j) {
      out[i * ld + j] = folded_vector<T, bytes>(sum[i][j]);
    }
  }
}

/// The tiles that cover rows x columns pairs; past the ends the last row or column is repeated.
template <int bytes, int tile_rows, int tile_columns, bool manhattan, class T>
[[gnu::always_inline]] inline void pair_tiles(Index width, const T* const* a, Index rows, const T* const* b,
                                              Index columns, T* out, Index ld) {
  for (Index i = 0; i < rows; i += tile_rows) {
    for (Index j = 0; j < columns; j += tile_columns) {
      if (i + tile_rows <= rows && j + tile_columns <= columns) {
        pair_tile<bytes, tile_rows, tile_columns, manhattan>(width, a + i, b + j, out + i * ld + j, ld);
        continue;
      }
      const T* left[tile_rows];
      const T* right[tile_columns];
      T tile[tile_rows * tile_columns];
      for (Index r = 0; r < tile_rows; ++r) {
        left[r] = a[std::min(i + r, rows - 1)];
      }
      for (Index c = 0; c < tile_columns; ++c) {
        right[c] = b[std::min(j + c, columns - 1)];
      }
      pair_tile<bytes, tile_rows, tile_columns, manhattan>(width, left, right, tile, tile_columns);
      for (Index r = 0; r < std::min<Index>(tile_rows, rows - i); ++r) {
        std::copy_n(tile + r * tile_columns, std::min<Index>(tile_columns, columns - j), out + (i + r) * ld + j);
      }
    }
  }
}

template <bool manhattan, class T>
void pair_distances(Index width, const T* const* a, Index rows, const T* const* b, Index columns, T* out, Index ld) {
  kernels::simd::with_widest([&] {
    const int bytes = widest_vector_bytes();
    if (bytes == 64) {  // 32 registers
      if (rows == 1) {
        pair_tiles<64, 1, 4, manhattan>(width, a, rows, b, columns, out, ld);
      } else {
        pair_tiles<64, 4, 4, manhattan>(width, a, rows, b, columns, out, ld);
      }
    } else if (bytes == 32) {  // 16 registers
      if (rows == 1) {
        pair_tiles<32, 1, 4, manhattan>(width, a, rows, b, columns, out, ld);
      } else {
        pair_tiles<32, 2, 4, manhattan>(width, a, rows, b, columns, out, ld);
      }
    } else {
      pair_tiles<16, 2, 4, manhattan>(width, a, rows, b, columns, out, ld);
    }
  });
}

}  // namespace detail

/// Inner distances (distance.hpp) of all pairs of two sets of prepared rows.
///
/// A pair's distance has the same bits wherever it stands, and with its rows exchanged.
/// @param width  entries of a row, a multiple of kernels::lanes
/// @param a      pointers to `rows` rows
/// @param b      pointers to `columns` rows
/// @param out    [rows, columns] with leading dimension ld, overwritten
template <std::floating_point T>
void pair_distances(Metric metric, Index width, const T* const* a, Index rows, const T* const* b, Index columns, T* out,
                    Index ld) {
  if (rows < 1 || columns < 1) {
    return;
  }
  if (metric == Metric::manhattan) {
    detail::pair_distances<true>(width, a, rows, b, columns, out, ld);
  } else {
    detail::pair_distances<false>(width, a, rows, b, columns, out, ld);
  }
}

}  // namespace engram::embed
