#include <engram/analysis/circular_coordinate.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include <engram/analysis/circular_correlation.hpp>

#include "support/random_tensor.hpp"

using namespace engram;
using analysis::align_circular;
using analysis::circular_coordinate;

namespace {

using std::numbers::pi;

/// Angles all around; where `bias` is not 0, more often about 0.
Tensor<double> angles_of(Index n, double bias = 0) {
  auto angles = Tensor<double>::uninitialized({n});
  for (Index i = 0; i < n; ++i) {
    const double t = 2 * pi * static_cast<double>(i) / static_cast<double>(n) - pi;
    angles[i] = t - bias * std::sin(t);
  }
  return angles;
}

/// Codes [N, 5] on an ellipse with these axes, turned in space, with noise; `bend` lifts them out of the plane twice
/// around.
Tensor<double> ring(const Tensor<double>& angles, double a, double b, double noise, double bend = 0) {
  auto codes = normal({angles.size(), 5}, 3);
  for (Index i = 0; i < angles.size(); ++i) {
    const double x = a * std::cos(angles[i]);
    const double y = b * std::sin(angles[i]);
    const double z = bend * std::cos(2 * angles[i]);
    const double in_space[5] = {10 + 0.6 * x, 0.8 * x, 0.6 * y - 0.8 * z, -3 + 0.8 * y + 0.6 * z, 0};
    for (Index d = 0; d < 5; ++d) {
      codes[i * 5 + d] = noise * codes[i * 5 + d] + in_space[d];
    }
  }
  return codes;
}

}  // namespace

TEST_CASE("circular_coordinate: the angle on a circle and on an ellipse, however often each side is visited") {
  for (const double bias : {0.0, 0.8}) {
    const auto angles = angles_of(500, bias);
    for (const double b : {1.0, 0.4}) {
      const auto found = circular_coordinate(ring(angles, 1, b, 0));
      const auto aligned = align_circular(found.angles, angles);
      CHECK(aligned.mean_error < 1e-6);
      CHECK(aligned.resultant == doctest::Approx(1).epsilon(1e-9));
      CHECK(found.radius_spread < 1e-6);
      CHECK(found.plane_share == doctest::Approx(1).epsilon(1e-9));
    }
  }
}

TEST_CASE("circular_coordinate: of a noisy ring that bends out of the plane") {
  const auto angles = angles_of(3000, 0.5);
  const auto found = circular_coordinate(cast<float>(ring(angles, 1, 0.7, 0.1, 0.4)));
  const auto aligned = align_circular(found.angles, angles);
  CHECK(aligned.mean_error < 0.13);  // noise across the radius alone: about 0.1 * sqrt(2 / pi) / 0.85 = 0.094
  CHECK(std::abs(analysis::circular_correlation(found.angles, angles)) > 0.95);
  CHECK(found.radius_spread < 0.2);
  CHECK(found.plane_share < 0.95);
}

TEST_CASE("circular_coordinate: says that a normal distribution has no ring") {
  const auto found = circular_coordinate(normal({20000, 2}, 7));
  CHECK(found.radius_spread == doctest::Approx(std::sqrt(4 / pi - 1)).epsilon(0.03));  // of Rayleigh's distribution
}

TEST_CASE("circular_coordinate: errors say what was needed and what was got") {
  CHECK_THROWS_WITH_AS(circular_coordinate(Tensor<float>::zeros({5, 2})),
                       "circular_coordinate: need codes [N, D] with N >= 6 and D >= 2, got [5, 2]", ShapeError);
  CHECK_THROWS_WITH_AS(circular_coordinate(Tensor<float>::zeros({50, 1})),
                       "circular_coordinate: need codes [N, D] with N >= 6 and D >= 2, got [50, 1]", ShapeError);
  auto line = Tensor<double>::zeros({20, 3});
  for (Index i = 0; i < 20; ++i) {
    line[3 * i] = static_cast<double>(i);
    line[3 * i + 1] = 2 * static_cast<double>(i);
  }
  CHECK_THROWS_WITH_AS(circular_coordinate(line), "circular_coordinate: need codes that do not lie on a line",
                       ArgumentError);
  line[7] = NAN;
  CHECK_THROWS_AS(circular_coordinate(line), ArgumentError);
}
