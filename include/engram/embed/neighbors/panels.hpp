#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/neighbors/bound_plan.hpp>
#include <engram/embed/neighbors/distance.hpp>
#include <engram/embed/neighbors/top_k.hpp>
#include <engram/kernels/simd/tiles.hpp>
#include <engram/kernels/simd/widest.hpp>

// Blocks of lower bounds (bound_plan.hpp) by the register tiles of matrix products.

namespace engram::embed::detail {

/// Rows packed for one side of products, `block` rows after another, each block [step][panel][term][row of the panel].
template <class T>
struct Panels {
  Index block;
  Index block_size;  ///< elements
  Buffer<T> data;
  Buffer<T> slack;  ///< of each row: its share of (upper - lower bound)

  const T* at(Index number) const { return data.data() + number * block_size; }
};

/// @param block  a multiple of the panel's rows; the last block is filled up with rows whose bounds are beyond no_limit
template <class T>
Panels<T> pack(const BoundPlan<T>& plan, const Tensor<T>& rows, std::span<const std::int32_t> order, Index block,
               bool left) {
  const auto count = static_cast<Index>(order.size());
  const Index blocks = (count + block - 1) / block;
  const Index terms = plan.terms();
  const Index width = left ? plan.tile_rows : plan.tile_columns;
  Panels<T> panels{block, block * terms, Buffer<T>(static_cast<std::size_t>(blocks * block * terms)),
                   Buffer<T>(static_cast<std::size_t>(blocks * block))};
  const double factor = (left && !plan.manhattan ? -2 : 1) * plan.scale;
  parallel_for(blocks * (block / width), [&](Index panel) {
    Buffer<T> buffer(static_cast<std::size_t>(width * terms));  // [row, term]
    for (Index r = 0; r < width; ++r) {
      const Index i = panel * width + r;
      T* to = buffer.data() + r * terms;
      double size = 0;
      const T* from = i < count ? rows.data() + order[static_cast<std::size_t>(i)] * rows.dim(1) : nullptr;
      for (Index d = 0; d < plan.columns; ++d) {
        const double moved =
            from == nullptr ? 0.0 : static_cast<double>(from[d]) - plan.centre[static_cast<std::size_t>(d)];
        to[d] = static_cast<T>(moved * factor);
        size += plan.manhattan ? std::abs(moved * plan.scale) : moved * plan.scale * (moved * plan.scale);
      }
      const double low = (plan.manhattan ? 0 : size) - plan.error * size - BoundPlan<T>::tiny();
      const T own = from == nullptr ? TopK<T>::no_limit * 2 : static_cast<T>(low);
      to[plan.columns] = left ? own : T{1};
      to[plan.columns + 1] = left ? T{1} : own;
      panels.slack.data()[i] = static_cast<T>(2.001 * (plan.error * size + BoundPlan<T>::tiny()));
    }
    const Index in_block = panel % (block / width) * width;
    T* out = panels.data.data() + (panel / (block / width)) * panels.block_size;
    for (Index begin = 0; begin < terms; begin += plan.step) {
      const Index step = std::min(plan.step, terms - begin);
      T* at = out + begin * block + in_block * step;
      for (Index p = 0; p < step; ++p) {
        for (Index r = 0; r < width; ++r) {
          at[p * width + r] = buffer.data()[r * terms + begin + p];
        }
      }
    }
  });
  return panels;
}

/// As Tile::packed, of sums of |a - b| over all but the last two terms, which are multiplied; `chunk` columns and 3
/// rows at a time, since all tiles have a multiple of 3 rows.
template <Index chunk, class T>
[[gnu::always_inline]] inline void manhattan_tile(const BoundPlan<T>& plan, const T* a, const T* b, T* out) {
  const Index columns = plan.columns;
  const Index rows = plan.tile_rows;
  const Index width = plan.tile_columns;
  for (Index j = 0; j < width; j += chunk) {
    for (Index r = 0; r < rows; r += 3) {
      T first[chunk] = {};
      T second[chunk] = {};
      T third[chunk] = {};
      for (Index p = 0; p < columns; ++p) {
        const T* left = a + p * rows + r;
        const T* right = b + p * width + j;
        for (Index q = 0; q < chunk; ++q) {
          first[q] += magnitude(left[0] - right[q]);
          second[q] += magnitude(left[1] - right[q]);
          third[q] += magnitude(left[2] - right[q]);
        }
      }
      const T* left = a + columns * rows + r;
      const T* right = b + columns * width + j;
      for (Index q = 0; q < chunk; ++q) {
        T* to = out + r * width + j + q;
        to[0] = first[q] + left[0] * right[q] + left[rows] * right[width + q];
        to[width] = second[q] + left[1] * right[q] + left[rows + 1] * right[width + q];
        to[2 * width] = third[q] + left[2] * right[q] + left[rows + 2] * right[width + q];
      }
    }
  }
}

/// Lower bounds of the distances of a left block's rows from a right block's, tile after tile: [right panel][left
/// panel][row, column].
template <class T>
void lower_bounds(const BoundPlan<T>& plan, const T* left, Index left_block, const T* right, Index right_block,
                  T* out) {
  const auto& tile = kernels::simd::tiles<T>().tall;
  const Index tile_size = tile.rows * tile.columns;
  alignas(64) T sums[kernels::simd::largest_tile];
  for (Index begin = 0; begin < plan.terms(); begin += plan.step) {
    const Index step = std::min(plan.step, plan.terms() - begin);
    T* to = out;
    for (Index j = 0; j < right_block; j += tile.columns) {
      const T* b = right + begin * right_block + j * step;
      for (Index i = 0; i < left_block; i += tile.rows, to += tile_size) {
        const T* a = left + begin * left_block + i * step;
        if (plan.manhattan) {
          kernels::simd::with_widest([&] {
            if (tile.columns % 16 == 0) {
              manhattan_tile<16>(plan, a, b, to);
            } else {
              manhattan_tile<4>(plan, a, b, to);
            }
          });
          continue;
        }
        tile.packed(step, a, b, begin == 0 ? to : sums, tile.columns);
        for (Index e = 0; e < tile_size && begin > 0; ++e) {
          to[e] += sums[e];
        }
      }
    }
  }
}

}  // namespace engram::embed::detail
