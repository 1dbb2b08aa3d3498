// Included by simd/tiles.hpp once per instruction set, see each_instruction_set.inl. No include guard on purpose.

/// c[i, j] = sum_p a(p, i) b(p)[j] for `rows` x `vectors` vectors of c, kept in registers until the end.
template <class T, int rows, int vectors, Store store = Store::overwrite, class A, class B>
inline void tile(std::ptrdiff_t k, A a, B b, T* c, std::ptrdiff_t ldc) {
  typedef T Vector __attribute__((vector_size(vector_bytes)));
  typedef T Unaligned __attribute__((vector_size(vector_bytes), aligned(alignof(T)), may_alias));
  constexpr std::ptrdiff_t lanes = vector_bytes / static_cast<std::ptrdiff_t>(sizeof(T));
  Vector sum[rows][vectors] = {};
  for (std::ptrdiff_t p = 0; p < k; ++p) {
    const T* row = b(p);
    Vector right[vectors];
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) {
      right[j] = *reinterpret_cast<const Unaligned*>(row + j * lanes);
    }
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const T left = a(p, i);
#pragma GCC unroll 8
      for (int j = 0; j < vectors; ++j) {
        sum[i][j] += left * right[j];
      }
    }
  }
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i) {
#pragma GCC unroll 8
    for (int j = 0; j < vectors; ++j) {
      auto* const to = reinterpret_cast<Unaligned*>(c + i * ldc + j * lanes);
      *to = store == Store::add ? *to + sum[i][j] : sum[i][j];
    }
  }
}

/// a packed [k, rows], b packed [k, columns]; c has leading dimension ldc.
template <class T, int rows, int vectors, Store store>
void packed_tile(std::ptrdiff_t k, const T* a, const T* b, T* c, std::ptrdiff_t ldc) {
  constexpr std::ptrdiff_t columns = vectors * vector_bytes / static_cast<std::ptrdiff_t>(sizeof(T));
  tile<T, rows, vectors, store>(
      k, [a](std::ptrdiff_t p, int i) { return a[p * rows + i]; },
      [b](std::ptrdiff_t p) { return b + p * columns; }, c, ldc);
}

/// a packed [k, rows], row p of b at b + offsets[p].
template <class T, int rows, int vectors>
void shifted_tile(std::ptrdiff_t k, const T* a, const T* b, const std::ptrdiff_t* offsets, T* c) {
  constexpr std::ptrdiff_t columns = vectors * vector_bytes / static_cast<std::ptrdiff_t>(sizeof(T));
  tile<T, rows, vectors>(
      k, [a](std::ptrdiff_t p, int i) { return a[p * rows + i]; },
      [b, offsets](std::ptrdiff_t p) { return b + offsets[p]; }, c, columns);
}

/// Element (p, i) of a at a[i][offsets[p]], b packed [k, columns].
template <class T, int rows, int vectors>
void gathered_tile(std::ptrdiff_t k, const T* const* a, const std::ptrdiff_t* offsets, const T* b, T* c) {
  constexpr std::ptrdiff_t columns = vectors * vector_bytes / static_cast<std::ptrdiff_t>(sizeof(T));
  tile<T, rows, vectors>(
      k, [a, offsets](std::ptrdiff_t p, int i) { return a[i][offsets[p]]; },
      [b](std::ptrdiff_t p) { return b + p * columns; }, c, columns);
}

/// c [rows, columns] with leading dimension ldc is overwritten by a b, a [rows, k] and b [k, columns] with lda and ldb.
template <class T, int rows, int vectors>
void product_tile(std::ptrdiff_t k, const T* a, std::ptrdiff_t lda, const T* b, std::ptrdiff_t ldb, T* c,
                  std::ptrdiff_t ldc) {
  tile<T, rows, vectors, Store::overwrite>(
      k, [a, lda](std::ptrdiff_t p, int i) { return a[i * lda + p]; },
      [b, ldb](std::ptrdiff_t p) { return b + p * ldb; }, c, ldc);
}

/// c [rows, columns] += a^T b, a [k, rows], the rest as in product_tile.
template <class T, int rows, int vectors>
void add_transposed_tile(std::ptrdiff_t k, const T* a, std::ptrdiff_t lda, const T* b, std::ptrdiff_t ldb, T* c,
                         std::ptrdiff_t ldc) {
  tile<T, rows, vectors, Store::add>(
      k, [a, lda](std::ptrdiff_t p, int i) { return a[p * lda + i]; },
      [b, ldb](std::ptrdiff_t p) { return b + p * ldb; }, c, ldc);
}

template <class T, int rows, int vectors>
constexpr Tile<T> make_tile() {
  return {rows,
          vectors * vector_bytes / static_cast<std::ptrdiff_t>(sizeof(T)),
          packed_tile<T, rows, vectors, Store::overwrite>,
          packed_tile<T, rows, vectors, Store::add>,
          shifted_tile<T, rows, vectors>,
          gathered_tile<T, rows, vectors>,
          product_tile<T, rows, vectors>,
          add_transposed_tile<T, rows, vectors>};
}

/// Of the baseline fewer shapes, which are then shorter to compile.
template <class T>
inline constexpr Tiles<T> tiles{make_tile<T, vector_bytes == 64 ? 12 : 6, 2>(),
                                make_tile<T, vector_bytes == 64 ? 8 : vector_bytes == 32 ? 4 : 6,
                                          vector_bytes == 16 ? 2 : 3>(),
                                make_tile<T, 1, 8>(),
                                make_tile<T, vector_bytes == 16 ? 6 : 12, vector_bytes == 16 ? 2 : 1>()};
