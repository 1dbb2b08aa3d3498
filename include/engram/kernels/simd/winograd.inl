// Included by simd/winograd.hpp once per instruction set, see each_instruction_set.inl. No include guard on purpose.

/// A vector of neighbouring channels.
template <class T>
struct Lanes {
  typedef T Vector __attribute__((vector_size(vector_bytes)));
  typedef T Unaligned __attribute__((vector_size(vector_bytes), aligned(alignof(T)), may_alias));
  static constexpr std::ptrdiff_t count = vector_bytes / static_cast<std::ptrdiff_t>(sizeof(T));
};

/// B^T: 6 pixels to 6 points.
struct ToPoints {
  static constexpr int in = 6;
  static constexpr int out = 6;
  template <class T, class V>
  static void apply(const V* d, V* p) {
    constexpr auto a = static_cast<T>(winograd_point);
    constexpr auto b = 2 * a;
    const V even_a = d[4] - T(2) * d[2];
    const V odd_a = a * (d[3] - T(2) * d[1]);
    const V even_b = d[4] - T(0.5) * d[2];
    const V odd_b = b * (d[3] - T(0.5) * d[1]);
    p[0] = d[0] - T(2.5) * d[2] + d[4];
    p[1] = even_a + odd_a;
    p[2] = even_a - odd_a;
    p[3] = even_b + odd_b;
    p[4] = even_b - odd_b;
    p[5] = d[1] - T(2.5) * d[3] + d[5];
  }
};

/// A^T: 6 points to 4 results.
struct FromPoints {
  static constexpr int in = 6;
  static constexpr int out = 4;
  template <class T, class V>
  static void apply(const V* p, V* y) {
    constexpr auto a = static_cast<T>(winograd_point);
    const V even_a = p[1] + p[2];
    const V odd_a = a * (p[1] - p[2]);
    const V even_b = p[3] + p[4];
    const V odd_b = T(2) * a * (p[3] - p[4]);
    y[0] = p[0] + even_a + even_b;
    y[1] = odd_a + odd_b;
    y[2] = T(0.5) * even_a + T(2) * even_b;
    y[3] = T(0.5) * odd_a + T(2) * odd_b + p[5];
  }
};

/// A: the adjoint of FromPoints.
struct FromPointsAdjoint {
  static constexpr int in = 4;
  static constexpr int out = 6;
  template <class T, class V>
  static void apply(const V* y, V* p) {
    constexpr auto a = static_cast<T>(winograd_point);
    const V even_a = y[0] + T(0.5) * y[2];
    const V odd_a = a * (y[1] + T(0.5) * y[3]);
    const V even_b = y[0] + T(2) * y[2];
    const V odd_b = T(2) * a * (y[1] + T(2) * y[3]);
    p[0] = y[0];
    p[1] = even_a + odd_a;
    p[2] = even_a - odd_a;
    p[3] = even_b + odd_b;
    p[4] = even_b - odd_b;
    p[5] = y[3];
  }
};

/// G: 3 taps to 6 points.
struct FilterToPoints {
  static constexpr int in = 3;
  static constexpr int out = 6;
  template <class T, class V>
  static void apply(const V* g, V* p) {
    constexpr auto a = static_cast<T>(winograd_point);
    const V even_a = T(-2.0 / 3) * g[0] - T(1.0 / 3) * g[2];
    const V odd_a = (T(-2.0 / 3) * a) * g[1];
    const V even_b = T(1.0 / 6) * g[0] + T(1.0 / 3) * g[2];
    const V odd_b = (T(1.0 / 3) * a) * g[1];
    p[0] = g[0];
    p[1] = even_a + odd_a;
    p[2] = even_a - odd_a;
    p[3] = even_b + odd_b;
    p[4] = even_b - odd_b;
    p[5] = g[2];
  }
};

/// G^T: the adjoint of FilterToPoints.
struct FilterToPointsAdjoint {
  static constexpr int in = 6;
  static constexpr int out = 3;
  template <class T, class V>
  static void apply(const V* p, V* g) {
    constexpr auto a = static_cast<T>(winograd_point);
    const V even_a = p[1] + p[2];
    const V odd_a = p[1] - p[2];
    const V even_b = p[3] + p[4];
    const V odd_b = p[3] - p[4];
    g[0] = p[0] - T(2.0 / 3) * even_a + T(1.0 / 6) * even_b;
    g[1] = a * (T(1.0 / 3) * odd_b - T(2.0 / 3) * odd_a);
    g[2] = p[5] + T(1.0 / 3) * (even_b - even_a);
  }
};

/// `Step` down the columns, then along the rows, of a square whose elements are vectors of channels.
template <class T, class Step>
void transform_square(const T* in, std::ptrdiff_t in_row, std::ptrdiff_t in_column, T* out, std::ptrdiff_t out_row,
                      std::ptrdiff_t out_column, std::ptrdiff_t channels) {
  using Vector = typename Lanes<T>::Vector;
  using Unaligned = typename Lanes<T>::Unaligned;
  for (std::ptrdiff_t c = 0; c < channels; c += Lanes<T>::count) {
    Vector half[Step::out][Step::in];
#pragma GCC unroll vector_bytes == 16 ? 1 : 8
    for (int j = 0; j < Step::in; ++j) {
      Vector column[Step::in];
      Vector done[Step::out];
#pragma GCC unroll vector_bytes == 16 ? 1 : 8
      for (int i = 0; i < Step::in; ++i) {
        column[i] = *reinterpret_cast<const Unaligned*>(in + i * in_row + j * in_column + c);
      }
      Step::template apply<T>(column, done);
#pragma GCC unroll vector_bytes == 16 ? 1 : 8
      for (int i = 0; i < Step::out; ++i) {
        half[i][j] = done[i];
      }
    }
#pragma GCC unroll vector_bytes == 16 ? 1 : 8
    for (int i = 0; i < Step::out; ++i) {
      Vector done[Step::out];
      Step::template apply<T>(half[i], done);
#pragma GCC unroll vector_bytes == 16 ? 1 : 8
      for (int j = 0; j < Step::out; ++j) {
        *reinterpret_cast<Unaligned*>(out + i * out_row + j * out_column + c) = done[j];
      }
    }
  }
}

template <class T>
inline constexpr WinogradTransforms<T> winograd_transforms{
    Lanes<T>::count,
    transform_square<T, ToPoints>,
    transform_square<T, FromPoints>,
    transform_square<T, FromPointsAdjoint>,
    transform_square<T, FilterToPoints>,
    transform_square<T, FilterToPointsAdjoint>};
