#include <engram/analysis/cka.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/random_tensor.hpp"
#include "support/waves.hpp"

using namespace engram;
using namespace engram::analysis;

TEST_CASE("linear_cka: as NumPy, in the form of Gram matrices") {
  // NumPy 1.24.2: x = wave(40, 3, 1.0); y = wave(40, 2, 2.0); x -= x.mean(0); y -= y.mean(0); k = x @ x.T; l = y @ y.T
  // (k * l).sum() / np.sqrt((k * k).sum() * (l * l).sum())
  CHECK(linear_cka(wave(40, 3, 1), wave(40, 2, 2)) == doctest::Approx(0.26371427682756626).epsilon(1e-13));
  CHECK(linear_cka(wave(40, 2, 2), wave(40, 3, 1)) == doctest::Approx(0.26371427682756626).epsilon(1e-13));
}

TEST_CASE("linear_cka: by hand: one column against two uncorrelated ones, and against nothing in common") {
  const auto x = Tensor<double>::from({4, 1}, {1, 1, -1, -1});
  const auto y = Tensor<double>::from({4, 1}, {1, -1, 1, -1});
  const auto both = Tensor<float>::from({4, 2}, {1, 1, 1, -1, -1, 1, -1, -1});
  CHECK(linear_cka(x, y) == 0);
  CHECK(linear_cka(x, both) == doctest::Approx(1 / std::sqrt(2.0)).epsilon(1e-15));  // 4^2 / (4 sqrt(4^2 + 4^2))
}

TEST_CASE("linear_cka: 1 for the same code turned, scaled and moved; other linear maps change it") {
  const auto x = normal({30, 2}, 1);
  auto turned = x;
  auto stretched = x;
  for (Index i = 0; i < 30; ++i) {
    turned[2 * i] = 7 * (0.6 * x[2 * i] - 0.8 * x[2 * i + 1]) + 100;
    turned[2 * i + 1] = 7 * (0.8 * x[2 * i] + 0.6 * x[2 * i + 1]) - 3;
    stretched[2 * i] *= 10;
  }
  CHECK(linear_cka(x, x) == doctest::Approx(1).epsilon(1e-14));
  CHECK(linear_cka(x, turned) == doctest::Approx(1).epsilon(1e-13));
  CHECK(linear_cka(x, turned) <= 1);
  CHECK(linear_cka(x, stretched) < 0.9);
}

TEST_CASE("linear_cka: errors say what was needed and what was got") {
  const auto x = normal({6, 2}, 1);
  CHECK_THROWS_WITH_AS(linear_cka(x, normal({5, 2}, 1)),
                       "linear_cka: need x [N, D] and y [N, E], got [6, 2] and [5, 2]", ShapeError);
  CHECK_THROWS_WITH_AS(linear_cka(x, Tensor<double>::full({6, 3}, 0.1)),
                       "linear_cka: need codes that vary, got rows that are all equal in y", ArgumentError);
  auto broken = x;
  broken[3] = NAN;
  CHECK_THROWS_WITH_AS(linear_cka(broken, x), "linear_cka: need finite x, got nan in row 1, column 1", ArgumentError);
}
