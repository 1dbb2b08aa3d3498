#pragma once

#include <cmath>
#include <concepts>
#include <numbers>

#include <engram/analysis/check_finite.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

/// What makes one circular variable most like another: angles -> direction * angles + rotation.
struct CircularAlignment {
  int direction = 1;      ///< 1, or -1 where one runs against the other
  double rotation = 0;    ///< radians, in -pi .. pi
  double resultant = 0;   ///< mean resultant length of what is left, from 0 to 1, 1 where nothing is
  double mean_error = 0;  ///< mean |what is left|, radians; pi / 2 for variables without relation
  Tensor<double> angles;  ///< [N], aligned, radians, in -pi .. pi
};

namespace detail {

/// The angle that differs from this one by whole turns and lies in -pi .. pi.
inline double wrapped(double angle) {
  return std::remainder(angle, 2 * std::numbers::pi);
}

template <class T, class U>
void check_angles(const char* operation, const Tensor<T>& angles, const Tensor<U>& reference) {
  ensure<ShapeError>(angles.rank() == 1 && angles.size() > 0 && angles.shape() == reference.shape(), operation,
                     ": need two columns [N] of angles, N >= 1, got ", angles.shape(), " and ", reference.shape());
  check_finite(operation, "angles", angles);
  check_finite(operation, "reference", reference);
}

/// Mean of exp(i (reference - direction * angle)).
struct MeanVector {
  double cosine = 0;
  double sine = 0;

  double length() const { return std::hypot(cosine, sine); }
};

template <class T, class U>
MeanVector mean_difference(const Tensor<T>& angles, const Tensor<U>& reference, int direction) {
  MeanVector mean;
  for (Index i = 0; i < angles.size(); ++i) {
    const double difference = static_cast<double>(reference[i]) - direction * static_cast<double>(angles[i]);
    mean.cosine += std::cos(difference) / static_cast<double>(angles.size());
    mean.sine += std::sin(difference) / static_cast<double>(angles.size());
  }
  return mean;
}

}  // namespace detail

/// The direction and rotation for which direction * angles + rotation is closest to reference: those of the largest
/// mean cosine of the difference. Neither where a coordinate found in data starts nor which way it runs means anything.
///
/// The best of all rotations is above 0 by chance, too: compare `resultant` with that of shifted reference.
/// @param angles     [N], radians
/// @param reference  [N], radians
/// @throws ShapeError unless both are columns of one length >= 1; ArgumentError for elements that are not finite
/// Source: Mardia, Jupp, "Directional statistics", 2000, chapter 2 (mean resultant length).
template <std::floating_point T, std::floating_point U>
CircularAlignment align_circular(const Tensor<T>& angles, const Tensor<U>& reference) {
  detail::check_angles("align_circular", angles, reference);
  const detail::MeanVector along = detail::mean_difference(angles, reference, 1);
  const detail::MeanVector against = detail::mean_difference(angles, reference, -1);
  const bool turned = against.length() > along.length();
  const detail::MeanVector& best = turned ? against : along;
  CircularAlignment result{.direction = turned ? -1 : 1,
                           .rotation = std::atan2(best.sine, best.cosine),
                           .resultant = best.length(),
                           .mean_error = 0,
                           .angles = Tensor<double>::uninitialized(angles.shape())};
  for (Index i = 0; i < angles.size(); ++i) {
    result.angles[i] = detail::wrapped(result.direction * static_cast<double>(angles[i]) + result.rotation);
    result.mean_error += std::abs(detail::wrapped(static_cast<double>(reference[i]) - result.angles[i])) /
                         static_cast<double>(angles.size());
  }
  return result;
}

/// Correlation of two circular variables, from -1 (one runs against the other) to 1, 0 without relation:
/// sum of sin(a_i - a_j) sin(b_i - b_j) over pairs i < j / sqrt(sum of sin^2(a_i - a_j) sum of sin^2(b_i - b_j)).
///
/// Fisher and Lee's: it refers to no mean direction, unlike Jammalamadaka and SenGupta's, whose value is arbitrary
/// where angles are spread all around, as those of a ring are. N steps by identities of sines.
/// @param angles     [N], radians
/// @param reference  [N], radians
/// @throws ShapeError unless both are columns of one length >= 1; ArgumentError for elements that are not finite, or if
/// all of one are equal up to half turns
/// Source: Fisher, Lee, "A correlation coefficient for circular data", Biometrika 70, 1983.
template <std::floating_point T, std::floating_point U>
double circular_correlation(const Tensor<T>& angles, const Tensor<U>& reference) {
  detail::check_angles("circular_correlation", angles, reference);
  double cos_cos = 0, sin_sin = 0, cos_sin = 0, sin_cos = 0;
  double cos_2a = 0, sin_2a = 0, cos_2b = 0, sin_2b = 0;
  for (Index i = 0; i < angles.size(); ++i) {
    const auto a = static_cast<double>(angles[i]);
    const auto b = static_cast<double>(reference[i]);
    cos_cos += std::cos(a) * std::cos(b);
    sin_sin += std::sin(a) * std::sin(b);
    cos_sin += std::cos(a) * std::sin(b);
    sin_cos += std::sin(a) * std::cos(b);
    cos_2a += std::cos(2 * a);
    sin_2a += std::sin(2 * a);
    cos_2b += std::cos(2 * b);
    sin_2b += std::sin(2 * b);
  }
  const auto n = static_cast<double>(angles.size());
  const double spread_a = 1 - (cos_2a * cos_2a + sin_2a * sin_2a) / (n * n);
  const double spread_b = 1 - (cos_2b * cos_2b + sin_2b * sin_2b) / (n * n);
  constexpr double rounding = 1e-13;
  ensure<ArgumentError>(spread_a > rounding, "circular_correlation: need angles that vary");
  ensure<ArgumentError>(spread_b > rounding, "circular_correlation: need a reference that varies");
  return 4 * (cos_cos * sin_sin - cos_sin * sin_cos) / (n * n * std::sqrt(spread_a * spread_b));
}

}  // namespace engram::analysis
