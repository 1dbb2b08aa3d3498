// Included by support/machine_peaks.hpp once per instruction set, see each_instruction_set.inl. No include guard on
// purpose.

/// Each of 12 independent vectors x becomes x a + b, `rounds` times: enough to fill the pipelines of two units with a
/// latency of 4 to 6, all in registers. Returns their sum, so that nothing is left out.
template <class T>
T fma_chains(std::ptrdiff_t rounds, T a, T b) {
  typedef T Vector __attribute__((vector_size(vector_bytes)));
  constexpr int chains = 12;
  Vector x[chains];
  for (int i = 0; i < chains; ++i) {
    x[i] = Vector{} + static_cast<T>(i);  // all different, else a compiler may take them for one
  }
  for (std::ptrdiff_t p = 0; p < rounds; ++p) {
#pragma GCC unroll 16
    for (int i = 0; i < chains; ++i) {
      x[i] = x[i] * a + b;
    }
  }
  Vector sum = {};
  for (int i = 0; i < chains; ++i) {
    sum += x[i];
  }
  T total = 0;
  for (int lane = 0; lane < vector_bytes / static_cast<int>(sizeof(T)); ++lane) {
    total += sum[lane];
  }
  return total;
}

/// a[i] = b[i] + s c[i] for i = 0 .. size-1, a whole number of vectors.
template <class T>
void triad(std::ptrdiff_t size, T s, const T* b, const T* c, T* a) {
  typedef T Vector __attribute__((vector_size(vector_bytes), may_alias));
  constexpr std::ptrdiff_t lanes = vector_bytes / static_cast<std::ptrdiff_t>(sizeof(T));
  for (std::ptrdiff_t i = 0; i < size; i += lanes) {
    *reinterpret_cast<Vector*>(a + i) =
        *reinterpret_cast<const Vector*>(b + i) + s * *reinterpret_cast<const Vector*>(c + i);
  }
}

template <class T>
inline constexpr PeakLoops<T> peak_loops{fma_chains<T>, 2.0 * 12 * vector_bytes / sizeof(T), triad<T>};
