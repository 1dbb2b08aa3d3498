#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>

#include <engram/core/parallel.hpp>
#include <engram/core/tensor.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::embed::detail {

/// The matrix a [length, width] of centred data x [N, D], the shorter side being the width: rows of x if N >= D, else
/// its columns. Never written out as a whole: blocks of it are centred, in double, as they are needed.
template <class T>
struct CentredMatrix {
  const T* data;
  Index length;
  Index width;
  Index length_stride;
  Index width_stride;
  const double* mean;  ///< [D]
  Index step = 1;      ///< between the rows that are seen

  bool by_rows() const { return width_stride == 1; }

  /// Every step-th row alone.
  CentredMatrix sampled(Index every) const {
    return {data, (length + every - 1) / every, width, length_stride * every, width_stride, mean};
  }
};

/// x [N, D] along its longer side, or along N if `tall`.
template <class T>
CentredMatrix<T> centred(const Tensor<T>& x, const double* mean, bool tall) {
  const Index rows = x.dim(0);
  const Index columns = x.dim(1);
  return tall ? CentredMatrix<T>{x.data(), rows, columns, columns, 1, mean}
              : CentredMatrix<T>{x.data(), columns, rows, 1, columns, mean};
}

/// Rows begin .. begin + count - 1 of a to block [count, stride]; what lies beyond a's length and width is 0.
template <class T, class U>
void load_block(const CentredMatrix<T>& a, Index begin, Index count, U* block, Index stride) {
  const Index used = std::clamp<Index>(a.length - begin, 0, count);
  kernels::simd::with_widest([&] {
    if (a.by_rows()) {
      for (Index r = 0; r < used; ++r) {
        const T* in = a.data + (begin + r) * a.length_stride;
        U* out = block + r * stride;
        kernels::for_each_lane(
            0, a.width, [=, mean = a.mean](Index s) { out[s] = static_cast<U>(static_cast<double>(in[s]) - mean[s]); });
      }
    } else {
      constexpr Index side = 16;  // of the squares that are transposed
      for (Index r = 0; r < used; r += side) {
        const Index end = std::min(used, r + side);
        for (Index s = 0; s < a.width; ++s) {
          const T* in = a.data + s * a.width_stride + begin * a.length_stride;
          const double* mean = a.mean + begin * a.length_stride;
          for (Index i = r; i < end; ++i) {
            block[i * stride + s] =
                static_cast<U>(static_cast<double>(in[i * a.length_stride]) - mean[i * a.length_stride]);
          }
        }
      }
    }
    for (Index r = 0; r < count; ++r) {
      std::fill(block + r * stride + (r < used ? a.width : 0), block + (r + 1) * stride, U{0});
    }
  });
}

/// a^T a [width, width] in double.
template <class T>
Tensor<double> gram(const CentredMatrix<T>& a) {
  constexpr Index panel = 384;
  constexpr Index grain = 32;
  const Index width = a.width;
  const Index rows = std::clamp<Index>((Index{1} << 22) / std::max<Index>(1, width), 64, 1024) / grain * grain;
  auto result = Tensor<double>::zeros({width, width});
  auto block = Tensor<double>::uninitialized({std::min(rows, kernels::detail::round_up(a.length, grain)), width});
  for (Index begin = 0; begin < a.length; begin += block.dim(0)) {
    const Index count = std::min(block.dim(0), a.length - begin);
    parallel_ranges(count, grain, [&](Index first, Index end) {
      load_block(a, begin + first, end - first, block.data() + first * width, width);
    });
    for (Index j = 0; j < width; j += panel) {  // the part above the diagonal
      const Index end = std::min(width, j + panel);
      kernels::gemm(end, end - j, count, kernels::row_major(block.data(), width).transposed(),
                    kernels::row_major(block.data() + j, width), result.data() + j, width, kernels::Store::add);
    }
  }
  for (Index i = 0; i < width; ++i) {
    for (Index j = 0; j < i; ++j) {
      result[i * width + j] = result[j * width + i];
    }
  }
  return result;
}

}  // namespace engram::embed::detail
