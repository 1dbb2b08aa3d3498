#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>

#include <engram/analysis/check_finite.hpp>
#include <engram/analysis/circular.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

/// What makes one circular variable most like another: angles -> direction * angles + rotation.
struct CircularAlignment {
  int direction = 1;      ///< 1, or -1 where one runs against the other
  double rotation = 0;    ///< in the angles' unit, 0 .. period
  double resultant = 0;   ///< mean resultant length of what is left, from 0 to 1, 1 where nothing is
  double mean_error = 0;  ///< mean |what is left|, pi / 2 (radians) for variables without relation
  Tensor<double> angles;  ///< [N], aligned, in -period / 2 .. period / 2
};

namespace detail {

template <class T, class U>
void check_angle_pairs(const char* operation, const Tensor<T>& angles, const Tensor<U>& reference, double period) {
  ensure<ShapeError>(angles.rank() == 1 && angles.size() > 0 && angles.shape() == reference.shape(), operation,
                     ": need two columns [N] of angles, N >= 1, got ", angles.shape(), " and ", reference.shape());
  check_angles(operation, angles, period);
  check_finite(operation, "reference", reference);
}

/// Mean direction of reference - sign * angles.
template <class T, class U>
Direction mean_offset(const Tensor<T>& angles, const Tensor<U>& reference, int sign, double period) {
  auto offsets = Tensor<double>::uninitialized(angles.shape());
  for (Index i = 0; i < angles.size(); ++i) {
    offsets[i] = static_cast<double>(reference[i]) - sign * static_cast<double>(angles[i]);
  }
  return mean_direction(offsets, period);
}

}  // namespace detail

/// The direction and rotation for which direction * angles + rotation is closest to reference: those of the largest
/// mean cosine of the difference. Neither where a coordinate found in data starts nor which way it runs means anything.
///
/// The best of all rotations is above 0 by chance, too: compare `resultant` with that of shifted reference.
/// @param angles     [N], in any range
/// @param reference  [N], in any range
/// @param period     of both, in their unit: 2 pi for radians, 360 for degrees
/// @throws ShapeError unless both are columns of one length >= 1; ArgumentError for elements that are not finite or a
/// period <= 0
/// Source: Mardia, Jupp, "Directional statistics", 2000, chapter 2 (mean resultant length).
template <std::floating_point T, std::floating_point U>
CircularAlignment align_circular(const Tensor<T>& angles, const Tensor<U>& reference, double period = two_pi) {
  detail::check_angle_pairs("align_circular", angles, reference, period);
  const detail::Direction along = detail::mean_offset(angles, reference, 1, period);
  const detail::Direction against = detail::mean_offset(angles, reference, -1, period);
  const bool turned = against.length() > along.length();
  const detail::Direction best = turned ? against : along;
  CircularAlignment result{.direction = turned ? -1 : 1,
                           .rotation = best.angle(period),
                           .resultant = std::min(1.0, best.length()),
                           .mean_error = 0,
                           .angles = Tensor<double>::uninitialized(angles.shape())};
  for (Index i = 0; i < angles.size(); ++i) {
    result.angles[i] = circular_difference(result.direction * static_cast<double>(angles[i]), -result.rotation, period);
  }
  result.mean_error = mean_absolute_circular_error(reference, result.angles, period);
  return result;
}

/// Correlation of two circular variables, from -1 (one runs against the other) to 1, 0 without relation:
/// sum of sin(a_i - a_j) sin(b_i - b_j) over pairs i < j / sqrt(sum of sin^2(a_i - a_j) sum of sin^2(b_i - b_j)).
///
/// Fisher and Lee's: it refers to no mean direction, unlike Jammalamadaka and SenGupta's, whose value is arbitrary
/// where angles are spread all around, as those of a ring are. N steps by identities of sines.
/// @param angles     [N], in any range
/// @param reference  [N], in any range
/// @param period     of both, in their unit: 2 pi for radians, 360 for degrees
/// @throws ShapeError unless both are columns of one length >= 1; ArgumentError for elements that are not finite, if
/// period <= 0, or if
/// all of one are equal up to half turns
/// Source: Fisher, Lee, "A correlation coefficient for circular data", Biometrika 70, 1983.
template <std::floating_point T, std::floating_point U>
double circular_correlation(const Tensor<T>& angles, const Tensor<U>& reference, double period = two_pi) {
  detail::check_angle_pairs("circular_correlation", angles, reference, period);
  double cos_cos = 0;
  double sin_sin = 0;
  double cos_sin = 0;
  double sin_cos = 0;
  detail::Direction twice_a;  // sums of unit vectors at twice the angles
  detail::Direction twice_b;
  for (Index i = 0; i < angles.size(); ++i) {
    const auto a = detail::Direction::of(static_cast<double>(angles[i]), period);
    const auto b = detail::Direction::of(static_cast<double>(reference[i]), period);
    cos_cos += a.cosine * b.cosine;
    sin_sin += a.sine * b.sine;
    cos_sin += a.cosine * b.sine;
    sin_cos += a.sine * b.cosine;
    twice_a.cosine += a.cosine * a.cosine - a.sine * a.sine;
    twice_a.sine += 2 * a.sine * a.cosine;
    twice_b.cosine += b.cosine * b.cosine - b.sine * b.sine;
    twice_b.sine += 2 * b.sine * b.cosine;
  }
  const auto n = static_cast<double>(angles.size());
  const double spread_a = 1 - twice_a.length() * twice_a.length() / (n * n);
  const double spread_b = 1 - twice_b.length() * twice_b.length() / (n * n);
  constexpr double rounding = 1e-13;
  ensure<ArgumentError>(spread_a > rounding, "circular_correlation: need angles that vary");
  ensure<ArgumentError>(spread_b > rounding, "circular_correlation: need a reference that varies");
  return 4 * (cos_cos * sin_sin - cos_sin * sin_cos) / (n * n * std::sqrt(spread_a * spread_b));
}

}  // namespace engram::analysis
