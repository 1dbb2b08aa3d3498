// Included by simd/transpose.hpp once per instruction set, see each_instruction_set.inl. No include guard on purpose.

/// Bytes of a row of the squares: 8 floats, for which 3 steps of exchanges do.
inline constexpr int square_bytes = vector_bytes < 32 ? vector_bytes : 32;

/// Exchanges, in all pairs of rows that are `step` apart, the upper's odd runs of `step` elements with the lower's even
/// ones; done for steps 1, 2, 4 ... this transposes a square.
template <int step, class Vector, std::size_t... lane>
[[gnu::always_inline]] inline void exchange_runs(Vector* rows, std::index_sequence<lane...>) {
  constexpr int count = sizeof...(lane);
#pragma GCC unroll 8
  for (int i = 0; i < count; ++i) {
    if ((i & step) == 0) {
      const Vector upper = rows[i];
      const Vector lower = rows[i + step];
      rows[i] = __builtin_shufflevector(upper, lower, ((lane & step) == 0 ? lane : lane - step + count)...);
      rows[i + step] = __builtin_shufflevector(upper, lower, ((lane & step) == 0 ? lane + step : lane + count)...);
    }
  }
}

template <class T>
[[gnu::always_inline]] inline void transpose_square(const T* in, std::ptrdiff_t in_stride, T* out,
                                                    std::ptrdiff_t out_stride) {
  typedef T Vector __attribute__((vector_size(square_bytes)));
  typedef T Unaligned __attribute__((vector_size(square_bytes), aligned(alignof(T)), may_alias));
  constexpr int count = square_bytes / static_cast<int>(sizeof(T));
  constexpr auto lanes = std::make_index_sequence<static_cast<std::size_t>(count)>();
  Vector rows[count];
#pragma GCC unroll 8
  for (int i = 0; i < count; ++i) {
    rows[i] = *reinterpret_cast<const Unaligned*>(in + i * in_stride);
  }
  exchange_runs<1>(rows, lanes);
  if constexpr (count > 2) {
    exchange_runs<2>(rows, lanes);
  }
  if constexpr (count > 4) {
    exchange_runs<4>(rows, lanes);
  }
#pragma GCC unroll 8
  for (int i = 0; i < count; ++i) {
    *reinterpret_cast<Unaligned*>(out + i * out_stride) = rows[i];
  }
}

template <class T>
void transpose(std::ptrdiff_t rows, std::ptrdiff_t columns, const T* in, std::ptrdiff_t in_stride, T* out,
               std::ptrdiff_t out_stride) {
  constexpr std::ptrdiff_t count = square_bytes / static_cast<std::ptrdiff_t>(sizeof(T));
  if (rows < count || columns < count) {
    for (std::ptrdiff_t i = 0; i < rows; ++i) {
      for (std::ptrdiff_t j = 0; j < columns; ++j) {
        out[j * out_stride + i] = in[i * in_stride + j];
      }
    }
    return;
  }
  // The last squares end with the matrix, and write some elements a second time.
  for (std::ptrdiff_t i = 0; i < rows; i += count) {
    const std::ptrdiff_t row = i + count <= rows ? i : rows - count;
    for (std::ptrdiff_t j = 0; j < columns; j += count) {
      const std::ptrdiff_t column = j + count <= columns ? j : columns - count;
      transpose_square(in + row * in_stride + column, in_stride, out + column * out_stride + row, out_stride);
    }
  }
}
