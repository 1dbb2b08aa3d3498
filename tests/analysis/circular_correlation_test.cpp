#include <engram/analysis/circular_correlation.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <numbers>

#include "support/random_tensor.hpp"

using namespace engram;
using analysis::align_circular;
using analysis::circular_correlation;

namespace {

using std::numbers::pi;

/// Angles all around, N of them.
Tensor<double> turning(Index n, std::uint64_t seed) {
  auto angles = normal({n}, seed);
  for (double& angle : angles.elements()) {
    angle *= 20;
  }
  return angles;
}

/// direction * angles + rotation, wrapped, with noise of this standard deviation.
Tensor<double> moved(const Tensor<double>& angles, int direction, double rotation, double noise = 0) {
  auto out = normal(angles.shape(), 99);
  for (Index i = 0; i < out.size(); ++i) {
    out[i] = std::remainder(direction * angles[i] + rotation + noise * out[i], 2 * pi);
  }
  return out;
}

}  // namespace

TEST_CASE("align_circular: by hand") {
  // reference - angles: pi / 2, pi / 2, 0: mean vector (1, 2) / 3
  const auto angles = Tensor<double>::from({3}, {0, 1, 3});
  const auto found = align_circular(angles, Tensor<float>::from({3}, {1.5707963F, 2.5707963F, 3}));
  CHECK(found.direction == 1);
  CHECK(found.rotation == doctest::Approx(std::atan2(2, 1)));
  CHECK(found.resultant == doctest::Approx(std::sqrt(5.0) / 3));
  CHECK(found.mean_error == doctest::Approx((2 * (pi / 2 - std::atan2(2, 1)) + std::atan2(2, 1)) / 3));
}

TEST_CASE("align_circular: finds the rotation and direction, across whole turns") {
  const auto angles = turning(200, 1);
  for (const int direction : {1, -1}) {
    for (const double rotation : {0.0, 0.4, -2.0, 3.1}) {
      const auto reference = moved(angles, direction, rotation);
      const auto found = align_circular(angles, reference);
      CHECK(found.direction == direction);
      CHECK(std::abs(analysis::circular_difference(found.rotation, rotation)) < 1e-12);
      CHECK(found.resultant == doctest::Approx(1).epsilon(1e-12));
      CHECK(found.mean_error < 1e-12);
      for (Index i = 0; i < 200; ++i) {
        CHECK(std::cos(found.angles[i] - reference[i]) > 1 - 1e-12);
      }
    }
  }
}

TEST_CASE("align_circular: what noise leaves, and what is left without relation") {
  const auto angles = turning(20000, 2);
  const auto noisy = align_circular(angles, moved(angles, -1, 1, 0.3));
  CHECK(noisy.direction == -1);
  CHECK(noisy.resultant == doctest::Approx(std::exp(-0.045)).epsilon(0.01));  // of a wrapped normal distribution
  CHECK(noisy.mean_error == doctest::Approx(0.3 * std::sqrt(2 / pi)).epsilon(0.02));  // E |N(0, 0.3^2)|
  const auto nothing = align_circular(angles, turning(20000, 3));
  CHECK(nothing.resultant < 0.03);
  CHECK(nothing.mean_error == doctest::Approx(pi / 2).epsilon(0.02));
}

TEST_CASE("circular_correlation: the sum over pairs") {
  const auto a = turning(50, 4);
  const auto b = moved(a, 1, 0.5, 0.8);
  double product = 0, square_a = 0, square_b = 0;
  for (Index i = 0; i < 50; ++i) {
    for (Index j = 0; j < i; ++j) {
      product += std::sin(a[i] - a[j]) * std::sin(b[i] - b[j]);
      square_a += std::sin(a[i] - a[j]) * std::sin(a[i] - a[j]);
      square_b += std::sin(b[i] - b[j]) * std::sin(b[i] - b[j]);
    }
  }
  CHECK(circular_correlation(a, b) == doctest::Approx(product / std::sqrt(square_a * square_b)).epsilon(1e-12));
}

TEST_CASE("circular_correlation: 1 and -1 up to rotation, 0 without relation") {
  const auto angles = turning(5000, 5);
  CHECK(circular_correlation(angles, moved(angles, 1, 2)) == doctest::Approx(1).epsilon(1e-12));
  CHECK(circular_correlation(angles, moved(angles, -1, 2)) == doctest::Approx(-1).epsilon(1e-12));
  CHECK(circular_correlation(cast<float>(moved(angles, 1, 0)), angles) == doctest::Approx(1).epsilon(1e-6));
  CHECK(std::abs(circular_correlation(angles, turning(5000, 6))) < 0.05);
  auto doubled = angles;
  for (double& angle : doubled.elements()) {
    angle *= 2;
  }
  CHECK(std::abs(circular_correlation(angles, doubled)) < 0.05);  // twice as fast: no relation of this kind
}

TEST_CASE("align_circular, circular_correlation: degrees") {
  const auto radians = turning(100, 7);
  const auto reference = moved(radians, -1, 1, 0.5);
  auto degrees = radians;
  auto degrees_reference = reference;
  for (Index i = 0; i < 100; ++i) {
    degrees[i] *= 180 / pi;
    degrees_reference[i] *= 180 / pi;
  }
  const auto expected = align_circular(radians, reference);
  const auto found = align_circular(degrees, degrees_reference, 360);
  CHECK(found.direction == -1);
  CHECK(found.rotation == doctest::Approx(expected.rotation * 180 / pi).epsilon(1e-10));
  CHECK(found.resultant == doctest::Approx(expected.resultant).epsilon(1e-10));
  CHECK(found.mean_error == doctest::Approx(expected.mean_error * 180 / pi).epsilon(1e-10));
  CHECK(circular_correlation(degrees, degrees_reference, 360) ==
        doctest::Approx(circular_correlation(radians, reference)).epsilon(1e-10));
}

TEST_CASE("align_circular, circular_correlation: errors say what was needed and what was got") {
  const auto angles = Tensor<double>::from({3}, {0, 1, 2});
  CHECK_THROWS_WITH_AS(align_circular(angles, Tensor<double>::zeros({4})),
                       "align_circular: need two columns [N] of angles, N >= 1, got [3] and [4]", ShapeError);
  CHECK_THROWS_WITH_AS(circular_correlation(Tensor<double>(), Tensor<double>()),
                       "circular_correlation: need two columns [N] of angles, N >= 1, got [0] and [0]", ShapeError);
  CHECK_THROWS_WITH_AS(align_circular(angles, Tensor<double>::from({3}, {0, NAN, 2})),
                       "align_circular: need finite reference, got nan at position 1", ArgumentError);
  CHECK_THROWS_WITH_AS(align_circular(angles, angles, 0), "align_circular: need a finite period > 0, got 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(circular_correlation(Tensor<double>::full({3}, 0.7), angles),
                       "circular_correlation: need angles that vary", ArgumentError);
  CHECK_THROWS_WITH_AS(circular_correlation(angles, Tensor<double>::full({3}, 0.7)),
                       "circular_correlation: need a reference that varies", ArgumentError);
}
