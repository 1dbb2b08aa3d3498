#pragma once

#include <cstddef>

#include <engram/kernels/simd/tiles.hpp>

// The transforms of Winograd's convolution compiled for several instruction sets, as in simd/tiles.hpp.

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

#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,fma"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,fma")
#endif
namespace avx512 {
#include <engram/kernels/simd/winograd.inl>
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
#include <engram/kernels/simd/winograd.inl>
}  // namespace avx2
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#endif

namespace baseline {
#include <engram/kernels/simd/winograd.inl>
}  // namespace baseline

/// The transforms for the widest instruction set that this processor has.
template <class T>
const WinogradTransforms<T>& winograd_transforms() {
#if defined(__x86_64__)
  static const WinogradTransforms<T>& best = __builtin_cpu_supports("avx512f") ? avx512::winograd_transforms<T>
                                             : __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
                                                 ? avx2::winograd_transforms<T>
                                                 : baseline::winograd_transforms<T>;
  return best;
#else
  return baseline::winograd_transforms<T>;
#endif
}

}  // namespace engram::kernels::simd
