#include <engram/kernels/gemm.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using kernels::Matrix;
using kernels::row_major;
using kernels::Store;

namespace {

struct Sizes {
  Index m, n, k;
};

/// Around the edges of the register tiles (1 .. 12 x 8 .. 128) and of the blocks (144 x 384, 768 x 16, 256 deep).
constexpr Sizes all_sizes[] = {{1, 1, 1},      {1, 300, 5},   {300, 1, 5},    {12, 32, 3},    {13, 33, 3},
                               {7, 47, 256},   {95, 49, 257}, {145, 385, 20}, {100, 90, 600}, {2, 130, 1},
                               {50, 16, 3000}, {9, 3, 10001}, {800, 5, 40}};

template <class T>
Matrix<T> stored(const std::vector<T>& v, Index rows, Index columns, bool transposed) {
  return transposed ? row_major(v.data(), rows).transposed() : row_major(v.data(), columns);
}

/// c [m, ldc]: compares the columns it has with the plain product and the gap beyond them with `gap`.
template <class T>
bool is_product(Index m, Index n, Index k, Matrix<T> a, Matrix<T> b, const std::vector<T>& c, Index ldc, T before,
                T gap) {
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < ldc; ++j) {
      T expected = j < n ? before : gap;
      for (Index p = 0; p < k && j < n; ++p) {
        expected += a.at(i, p) * b.at(p, j);
      }
      if (c.data()[i * ldc + j] != expected) {
        return false;
      }
    }
  }
  return true;
}

template <class T>
void check_products() {
  for (const Sizes& sizes : all_sizes) {
    const Index m = sizes.m;
    const Index n = sizes.n;
    const Index k = sizes.k;
    CAPTURE(m);
    CAPTURE(n);
    CAPTURE(k);
    const auto a = whole_numbers<T>(m * k, 1);
    const auto b = whole_numbers<T>(k * n, 2);
    for (const int turned : {0, 1, 2, 3}) {
      const auto left = stored(a, m, k, (turned & 1) != 0);
      const auto right = stored(b, k, n, (turned & 2) != 0);
      const Index ldc = n + turned;
      std::vector<T> c(static_cast<std::size_t>(m * ldc), T{7});
      kernels::gemm(m, n, k, left, right, c.data(), ldc);
      CHECK(is_product(m, n, k, left, right, c, ldc, T{0}, T{7}));
      c.assign(c.size(), T{7});
      kernels::gemm(m, n, k, left, right, c.data(), ldc, Store::add);
      CHECK(is_product(m, n, k, left, right, c, ldc, T{7}, T{7}));
    }
  }
}

}  // namespace

TEST_CASE("gemm: a 2x3 by 3x2 product") {
  const double a[] = {1, 2, 3, 4, 5, 6};
  const double b[] = {1, 10, 100, 1000, 10000, 100000};
  std::vector<double> c(4);
  kernels::gemm(2, 2, 3, row_major(a, 3), row_major(b, 2), c.data(), 2);
  CHECK(c == std::vector<double>{30201, 302010, 60504, 605040});
}

TEST_CASE("gemm: the plain product for all sizes, transposed or not, stored or added, in float") {
  check_products<float>();
}
TEST_CASE("gemm: the plain product for all sizes, transposed or not, stored or added, in double") {
  check_products<double>();
}

TEST_CASE("gemm: a sum over nothing is 0, or adds nothing") {
  std::vector<float> c{1, 2, 3, 4, 5, 6};
  const Matrix<float> none{nullptr, 0, 0};
  kernels::gemm(2, 2, 0, none, none, c.data(), 3, Store::add);
  CHECK(c == std::vector<float>{1, 2, 3, 4, 5, 6});
  kernels::gemm(2, 2, 0, none, none, c.data(), 3);
  CHECK(c == std::vector<float>{0, 0, 3, 0, 0, 6});
  kernels::gemm(0, 2, 3, none, none, c.data(), 3);
  kernels::gemm(2, 0, 3, none, none, c.data(), 3);
  CHECK(c[2] == 3);
}

TEST_CASE("gemm: infinities and NaN reach their own row and column alone") {
  std::vector<double> a(13 * 4, 1);
  a[0] = std::numeric_limits<double>::infinity();
  const std::vector<double> b(4 * 33, 1);
  std::vector<double> c(13 * 33);
  kernels::gemm(13, 33, 4, row_major(a.data(), 4), row_major(b.data(), 33), c.data(), 33);
  CHECK(std::isinf(c[32]));
  CHECK(c[33] == 4);
  CHECK(c.back() == 4);
}

TEST_CASE("gemm: the same bits on any number of threads, whatever is shared among them") {
  for (const Sizes& sizes : {Sizes{200, 800, 300}, Sizes{9, 3, 10001}, Sizes{64, 16, 10368}, Sizes{900, 7, 50}}) {
    CAPTURE(sizes.m);
    const auto a = normal<float>({sizes.m, sizes.k}, 1);
    const auto b = normal<float>({sizes.k, sizes.n}, 2);
    CHECK(same_bits_on_any_threads([&] {
      std::vector<float> c(static_cast<std::size_t>(sizes.m * sizes.n));
      kernels::gemm(sizes.m, sizes.n, sizes.k, row_major(a.data(), sizes.k), row_major(b.data(), sizes.n), c.data(),
                    sizes.n);
      return c;
    }));
  }
}
