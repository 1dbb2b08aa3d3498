#pragma once

#include <cstddef>

#include <engram/kernels/simd/instruction_sets.hpp>

namespace engram::kernels::simd {

/// The points of F(4 x 4, 3 x 3) are 0, +-a, +-2 a and infinity, with this a = 1 / sqrt(2).
///
/// With a point and its double the transforms need few multiplications; with this a, whose product with its double is
/// 1, the error in float is half that of the usual 0, +-1, +-2 (root mean square 4.7e-7 of the results, 1.7e-7 for a
/// direct convolution of 64 channels).
inline constexpr double winograd_point = 0.70710678118654752440;

/// Each turns a square of vectors of `channels` numbers (a multiple of `lanes`) into another one: element (i, j) of the
/// input stands at in + i in_row + j in_column, of the output at out + i out_row + j out_column.
/// With d pixels, g a filter and y a result of 4 x 4: y = A^T [(G g G^T) . (B^T d B)] A.
/// Source: Lavin, Gray, "Fast algorithms for convolutional neural networks", CVPR 2016, section 4.
template <class T>
struct WinogradTransforms {
  using Transform = void (*)(const T* in, std::ptrdiff_t in_row, std::ptrdiff_t in_column, T* out,
                             std::ptrdiff_t out_row, std::ptrdiff_t out_column, std::ptrdiff_t channels);
  std::ptrdiff_t lanes;
  Transform input;           ///< B^T d B: 6 x 6 to 6 x 6
  Transform output;          ///< A^T p A: 6 x 6 to 4 x 4
  Transform output_adjoint;  ///< A y A^T: 4 x 4 to 6 x 6
  Transform filter;          ///< G g G^T: 3 x 3 to 6 x 6
  Transform filter_adjoint;  ///< G^T p G: 6 x 6 to 3 x 3
};

#define ENGRAM_SIMD_SOURCE <engram/kernels/simd/winograd.inl>
#include <engram/kernels/simd/each_instruction_set.inl>

/// The transforms for the widest instruction set that this processor has.
template <class T>
const WinogradTransforms<T>& winograd_transforms() {
  static const WinogradTransforms<T> best =
      best_of(avx512::winograd_transforms<T>, avx2::winograd_transforms<T>, baseline::winograd_transforms<T>);
  return best;
}

}  // namespace engram::kernels::simd
