// Included by simd/gemm_tile.hpp once per instruction set, inside a namespace that defines
// `vector_bytes` and `tile_rows` and under the matching target pragma. No include guard on purpose.

/// The product of one panel of A and one panel of B, kept in registers: c[i, j] = sum_p a[p, i] b[p, j]
/// for tile_rows x 2 vectors of c. Panels are packed: a[k, tile_rows], b[k, 2 vectors].
template <class T>
void gemm_tile(std::ptrdiff_t k, const T* a, const T* b, T* c) {
  typedef T Vector __attribute__((vector_size(vector_bytes)));
  typedef T Unaligned __attribute__((vector_size(vector_bytes), aligned(alignof(T)), may_alias));
  constexpr std::ptrdiff_t lanes = vector_bytes / static_cast<std::ptrdiff_t>(sizeof(T));
  Vector sum[tile_rows][2] = {};
  for (std::ptrdiff_t p = 0; p < k; ++p, a += tile_rows, b += 2 * lanes) {
    const Vector b0 = *reinterpret_cast<const Unaligned*>(b);
    const Vector b1 = *reinterpret_cast<const Unaligned*>(b + lanes);
#pragma GCC unroll 16
    for (int i = 0; i < tile_rows; ++i) {
      sum[i][0] += a[i] * b0;
      sum[i][1] += a[i] * b1;
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < tile_rows; ++i, c += 2 * lanes) {
    *reinterpret_cast<Unaligned*>(c) = sum[i][0];
    *reinterpret_cast<Unaligned*>(c + lanes) = sum[i][1];
  }
}
