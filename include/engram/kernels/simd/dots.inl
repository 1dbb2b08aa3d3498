// Included by simd/dots.hpp once per instruction set, see each_instruction_set.inl. No include guard on purpose.

/// The sum of a vector's lanes, by halves.
template <class T, class Vector, std::size_t... lane>
[[gnu::always_inline]] inline T sum_of_lanes(Vector v, std::index_sequence<lane...>) {
  constexpr std::size_t count = sizeof...(lane);
  if constexpr (count > 8) {
    v += __builtin_shufflevector(v, v, ((lane + 8) % count)...);
  }
  if constexpr (count > 4) {
    v += __builtin_shufflevector(v, v, ((lane + 4) % count)...);
  }
  if constexpr (count > 2) {
    v += __builtin_shufflevector(v, v, ((lane + 2) % count)...);
  }
  return v[0] + v[1];
}

/// dots for `rows` rows at once, which share what is read of b.
template <class T, int rows>
[[gnu::always_inline]] inline void dots_of(std::ptrdiff_t parts, std::ptrdiff_t k, const T* a, std::ptrdiff_t lda,
                                           std::ptrdiff_t distance, const T* b, T* sums) {
  typedef T Vector __attribute__((vector_size(vector_bytes)));
  typedef T Unaligned __attribute__((vector_size(vector_bytes), aligned(alignof(T)), may_alias));
  constexpr std::ptrdiff_t lanes = vector_bytes / static_cast<std::ptrdiff_t>(sizeof(T));
  Vector sum[rows] = {};
  T rest[rows] = {};
  for (std::ptrdiff_t q = 0; q < parts; ++q, a += distance, b += k) {
    std::ptrdiff_t p = 0;
    for (; p + lanes <= k; p += lanes) {
      const Vector right = *reinterpret_cast<const Unaligned*>(b + p);
#pragma GCC unroll 8
      for (int i = 0; i < rows; ++i) {
        sum[i] += *reinterpret_cast<const Unaligned*>(a + i * lda + p) * right;
      }
    }
    for (; p < k; ++p) {
      for (int i = 0; i < rows; ++i) {
        rest[i] += a[i * lda + p] * b[p];
      }
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
    sums[i] = sum_of_lanes<T>(sum[i], std::make_index_sequence<static_cast<std::size_t>(lanes)>()) + rest[i];
  }
}

template <class T>
void dots(std::ptrdiff_t rows, std::ptrdiff_t parts, std::ptrdiff_t k, const T* a, std::ptrdiff_t lda,
          std::ptrdiff_t distance, const T* b, T* sums) {
  std::ptrdiff_t i = 0;
  for (; i + 8 <= rows; i += 8) {
    dots_of<T, 8>(parts, k, a + i * lda, lda, distance, b, sums + i);
  }
  for (; i < rows; ++i) {
    dots_of<T, 1>(parts, k, a + i * lda, lda, distance, b, sums + i);
  }
}
