#include <engram/analysis/procrustes.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/random_tensor.hpp"
#include "support/waves.hpp"

using namespace engram;
using namespace engram::analysis;

TEST_CASE("procrustes_disparity: as SciPy") {
  // SciPy 1.10.1: spatial.procrustes(wave(40, 3, 1.0), wave(40, 3, 2.0))[2] and, narrower codes padded with zeros,
  // procrustes(wave(40, 3, 1.0), np.c_[wave(40, 2, 2.0), np.zeros(40)])[2]
  CHECK(procrustes_disparity(wave(40, 3, 1), wave(40, 3, 2)) == doctest::Approx(0.6889327339720291).epsilon(1e-13));
  CHECK(procrustes_disparity(wave(40, 3, 1), wave(40, 2, 2)) == doctest::Approx(0.7856930529987367).epsilon(1e-13));
  CHECK(procrustes_disparity(wave(40, 2, 2), wave(40, 3, 1)) == doctest::Approx(0.7856930529987367).epsilon(1e-13));
}

TEST_CASE("procrustes_disparity: 0 for the same shape moved, turned, mirrored and scaled") {
  const auto x = normal({30, 3}, 1);
  auto moved = Tensor<float>::uninitialized({30, 3});
  for (Index i = 0; i < 30; ++i) {
    moved[3 * i] = static_cast<float>(7 * (0.6 * x[3 * i] - 0.8 * x[3 * i + 1]) + 4);
    moved[3 * i + 1] = static_cast<float>(7 * (0.8 * x[3 * i] + 0.6 * x[3 * i + 1]) - 3);
    moved[3 * i + 2] = static_cast<float>(-7 * x[3 * i + 2]);
  }
  CHECK(procrustes_disparity(x, x) < 1e-15);
  CHECK(procrustes_disparity(x, moved) < 1e-12);
}

TEST_CASE("procrustes_disparity: by hand: two points on a line against two others, of no common course") {
  const auto x = Tensor<double>::from({4, 1}, {1, 1, -1, -1});
  const auto y = Tensor<double>::from({4, 1}, {1, -1, 1, -1});
  CHECK(procrustes_disparity(x, y) == 1);
  const auto between = Tensor<double>::from({4, 1}, {1, 0, 0, -1});  // s = 1 / sqrt(2)
  CHECK(procrustes_disparity(x, between) == doctest::Approx(0.5).epsilon(1e-14));
}

TEST_CASE("procrustes_disparity: errors say what was needed and what was got") {
  const auto x = normal({6, 2}, 1);
  CHECK_THROWS_WITH_AS(procrustes_disparity(x, normal({5, 2}, 1)),
                       "procrustes_disparity: need x [N, D] and y [N, E], got [6, 2] and [5, 2]", ShapeError);
  CHECK_THROWS_WITH_AS(procrustes_disparity(Tensor<double>::full({6, 3}, 0.1), x),
                       "procrustes_disparity: need points that vary, got rows that are all equal in x", ArgumentError);
  auto broken = x;
  broken[3] = NAN;
  CHECK_THROWS_WITH_AS(procrustes_disparity(x, broken),
                       "procrustes_disparity: need finite y, got nan in row 1, column 1", ArgumentError);
}
