#include <engram/embed/linear_algebra/eigenpairs.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>

#include <engram/embed/linear_algebra/orthonormalize.hpp>

#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using embed::eigen_symmetric;

namespace {

Tensor<double> symmetric(Index n, std::uint64_t seed) {
  const auto half = normal({n, n}, seed);
  auto a = half;
  for (Index i = 0; i < n; ++i) {
    for (Index j = 0; j < n; ++j) {
      a[i * n + j] = (half[i * n + j] + half[j * n + i]) / 2;
    }
  }
  return a;
}

/// Largest |v_i . v_j - (i == j)| of rows.
double orthonormality_error(const Tensor<double>& v) {
  double largest = 0;
  for (Index i = 0; i < v.dim(0); ++i) {
    for (Index j = 0; j <= i; ++j) {
      const double dot = embed::detail::dot(v.data() + i * v.dim(1), v.data() + j * v.dim(1), 0, v.dim(1));
      largest = std::max(largest, std::abs(dot - (i == j)));
    }
  }
  return largest;
}

/// Largest element of |a v - value v| over all pairs.
double residual(const Tensor<double>& a, const embed::SymmetricEigen& pairs) {
  const Index n = a.dim(0);
  double largest = 0;
  for (Index k = 0; k < n; ++k) {
    const double* v = pairs.vectors.data() + k * n;
    for (Index i = 0; i < n; ++i) {
      largest = std::max(largest, std::abs(embed::detail::dot(a.data() + i * n, v, 0, n) - pairs.values[k] * v[i]));
    }
  }
  return largest;
}

}  // namespace

TEST_CASE("eigen_symmetric: a 2 x 2 matrix, worked out by hand") {
  const double a[] = {2, 1, 1, 2};
  const auto pairs = eigen_symmetric(a, 2);
  CHECK(pairs.values[0] == doctest::Approx(3).epsilon(1e-15));
  CHECK(pairs.values[1] == doctest::Approx(1).epsilon(1e-15));
  CHECK(pairs.vectors[0] == doctest::Approx(pairs.vectors[1]).epsilon(1e-15));
  CHECK(pairs.vectors[2] == doctest::Approx(-pairs.vectors[3]).epsilon(1e-15));
  CHECK(std::abs(pairs.vectors[0]) == doctest::Approx(std::sqrt(0.5)).epsilon(1e-15));
}

TEST_CASE("eigen_symmetric: pairs satisfy a v = value v, orthonormal, largest first, of any size") {
  for (const Index n : {1, 2, 3, 7, 31, 32, 33, 34, 64, 65, 150}) {
    CAPTURE(n);
    const auto a = symmetric(n, 3);
    const auto pairs = eigen_symmetric(a.data(), n);
    CHECK(residual(a, pairs) < 1e-13 * static_cast<double>(n));
    CHECK(orthonormality_error(pairs.vectors) < 1e-14 * static_cast<double>(n));
    CHECK(std::ranges::is_sorted(pairs.values.elements(), std::greater_equal{}));
  }
}

TEST_CASE("eigen_symmetric: eigenvalues of the second difference matrix are 2 - 2 cos(k pi / (n + 1))") {
  constexpr Index n = 50;
  auto a = Tensor<double>::zeros({n, n});
  for (Index i = 0; i < n; ++i) {
    a[i * n + i] = 2;
    if (i > 0) {
      a[i * n + i - 1] = a[(i - 1) * n + i] = -1;
    }
  }
  const auto pairs = eigen_symmetric(a.data(), n);
  for (Index k = 0; k < n; ++k) {
    const double expected = 2 - 2 * std::cos(static_cast<double>(n - k) * 3.14159265358979323846 / (n + 1));
    CHECK(std::abs(pairs.values[k] - expected) < 1e-14);
  }
}

TEST_CASE("eigen_symmetric: equal eigenvalues, zeros, and very large and very small numbers") {
  const auto zero = eigen_symmetric(Tensor<double>::zeros({5, 5}).data(), 5);
  CHECK(orthonormality_error(zero.vectors) == 0);
  CHECK(std::ranges::all_of(zero.values.elements(), [](double v) { return v == 0; }));
  for (const double scale : {1e-300, 1.0, 1e300}) {
    CAPTURE(scale);
    const auto ones = Tensor<double>::full({40, 40}, scale);  // eigenvalues 40 and, 39 times, 0
    const auto pairs = eigen_symmetric(ones.data(), 40);
    CHECK(pairs.values[0] / scale == doctest::Approx(40).epsilon(1e-14));
    CHECK(std::abs(pairs.values[1]) < 1e-13 * scale);
    CHECK(orthonormality_error(pairs.vectors) < 1e-13);
  }
  CHECK(eigen_symmetric(nullptr, 0).values.size() == 0);
}

TEST_CASE("eigen_symmetric: the same bits on any number of threads") {
  const auto a = symmetric(100, 4);
  CHECK(same_bits_on_any_threads([&] { return eigen_symmetric(a.data(), 100).vectors; }));
}

TEST_CASE("eigen_symmetric: what is not finite is refused") {
  const double a[] = {1, NAN, NAN, 1};
  CHECK_THROWS_WITH_AS(eigen_symmetric(a, 2), "eigen_symmetric: need finite numbers, got nan", ArgumentError);
}

TEST_CASE("orthonormalize: spans what was given, and replaces what depends on rows before") {
  auto basis = normal({40, 50}, 5);
  embed::detail::orthonormalize(basis, basis, 0);
  CHECK(orthonormality_error(basis) < 1e-14);
  auto rows = normal({10, 50}, 6);
  const auto given = rows;
  for (Index i = 0; i < 50; ++i) {
    rows[3 * 50 + i] = 2 * rows[50 + i] - rows[i];  // depends on others
    rows[5 * 50 + i] = 0;
    rows[7 * 50 + i] = basis[2 * 50 + i];
    rows[i] *= 1e-200;
  }
  embed::detail::orthonormalize(rows, basis, 40);
  CHECK(orthonormality_error(rows) < 1e-14);
  double overlap = 0;
  for (Index i = 0; i < 10; ++i) {
    for (Index j = 0; j < 40; ++j) {
      overlap = std::max(overlap, std::abs(embed::detail::dot(rows.data() + i * 50, basis.data() + j * 50, 0, 50)));
    }
  }
  CHECK(overlap < 1e-14);
  CHECK(embed::detail::dot(rows.data(), given.data(), 0, 50) > 0);
}
