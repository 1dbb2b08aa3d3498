#pragma once

#include <bit>
#include <cstdint>

#include <engram/core/shape.hpp>
#include <engram/embed/neighbors/bound_plan.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed::detail {

/// Rows of x in a block; divisible by every tile's sides.
inline constexpr Index join_block = 192;

/// hit(row, column, bound) for each bound that is at most the row's or the column's limit; the bounds lie as
/// lower_bounds() writes them. One branch for `chunk` bounds, which divides the tile's columns.
template <Index chunk, class T, class Hit>
[[gnu::always_inline]] inline void scan_chunks(const BoundPlan<T>& plan, const T* bounds, Index rows,
                                               const T* row_limits, const T* column_limits, const Hit& hit) {
  for (Index j = 0; j < join_block; j += plan.tile_columns) {
    for (Index i = 0; i < rows; ++i) {
      for (Index c = j; c < j + plan.tile_columns; c += chunk, bounds += chunk) {
        const T row_limit = row_limits[i];
        const T* limits = column_limits + c;
        int any = 0;
        for (Index q = 0; q < chunk; ++q) {
          const T limit = limits[q] < row_limit ? row_limit : limits[q];
          any |= bounds[q] <= limit ? 1 : 0;
        }
        if (any == 0) {
          continue;
        }
        std::uint32_t bits = 0;
        for (Index q = 0; q < chunk; ++q) {
          const T limit = limits[q] < row_limit ? row_limit : limits[q];
          bits |= bounds[q] <= limit ? std::uint32_t{1} << q : 0;
        }
        for (; bits != 0; bits &= bits - 1) {
          const int q = std::countr_zero(bits);
          hit(i, c + q, bounds[q]);
        }
      }
    }
  }
}

template <class T, class Hit>
void scan(const BoundPlan<T>& plan, const T* bounds, Index rows, const T* row_limits, const T* column_limits,
          const Hit& hit) {
  kernels::simd::with_widest([&] {
    if (plan.tile_columns == 32) {
      scan_chunks<32>(plan, bounds, rows, row_limits, column_limits, hit);
    } else if (plan.tile_columns == 16) {
      scan_chunks<16>(plan, bounds, rows, row_limits, column_limits, hit);
    } else {
      scan_chunks<4>(plan, bounds, rows, row_limits, column_limits, hit);
    }
  });
}

}  // namespace engram::embed::detail
