#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <numbers>
#include <vector>

#include <engram/analysis/check_finite.hpp>
#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>

namespace engram::analysis {

/// The period of angles in radians; that of degrees is 360.
inline constexpr double two_pi = 2 * std::numbers::pi;

namespace detail {

inline void check_period(const char* operation, double period) {
  ensure<ArgumentError>(period > 0 && std::isfinite(period), operation, ": need a finite period > 0, got ", period);
}

template <class T>
void check_angles(const char* operation, const Tensor<T>& angles, double period) {
  check_period(operation, period);
  ensure<ShapeError>(angles.size() > 0, operation, ": need at least one angle, got ", angles.shape());
  check_finite(operation, "angles", angles);
}

/// An angle as a vector of length 1, or the mean of several.
struct Direction {
  double cosine = 0;
  double sine = 0;

  static Direction of(double angle, double period) {
    const double radians = std::remainder(angle, period) / period * two_pi;
    return {std::cos(radians), std::sin(radians)};
  }

  double length() const { return std::hypot(cosine, sine); }

  /// In [0, period); 0 for a vector shorter than 1e-12, which points nowhere but for its rounding errors.
  double angle(double period) const {
    if (!(length() > 1e-12)) {
      return 0;
    }
    const double angle = std::atan2(sine, cosine) / two_pi * period;
    const double positive = angle < 0 ? angle + period : angle;
    return positive < period ? positive : 0;
  }
};

template <class T>
Direction mean_direction(const Tensor<T>& angles, double period) {
  Direction sum;
  for (const T angle : angles.elements()) {
    const Direction one = Direction::of(static_cast<double>(angle), period);
    sum.cosine += one.cosine;
    sum.sine += one.sine;
  }
  const auto count = static_cast<double>(angles.size());
  return {sum.cosine / count, sum.sine / count};
}

}  // namespace detail

/// a - b, wrapped to [-period / 2, period / 2).
/// @param period  of both, in their unit: 2 pi for radians, 360 for degrees
/// @returns       a number in their unit; NaN where an argument is not finite or the period is not positive
inline double circular_difference(double a, double b, double period = two_pi) {
  if (!(period > 0)) {
    return NAN;
  }
  const double difference = std::remainder(a - b, period);
  return difference >= period / 2 ? -period / 2 : difference;
}

/// The direction of the sum of unit vectors at the angles: atan2(mean sine, mean cosine), in [0, period) as
/// scipy.stats.circmean.
///
/// Angles that cancel have no mean direction: where their resultant (see circular_resultant) is below 1e-12, the result
/// is 0, never NaN.
/// @param angles  of any shape, in any range
/// @param period  in the unit of the angles: 2 pi for radians, 360 for degrees
/// @throws ShapeError if there is no angle; ArgumentError unless angles are finite and the period positive
/// Source: Mardia, Jupp, "Directional statistics", 2000, section 2.2.
template <std::floating_point T>
double circular_mean(const Tensor<T>& angles, double period = two_pi) {
  detail::check_angles("circular_mean", angles, period);
  return detail::mean_direction(angles, period).angle(period);
}

/// Length R of the mean of unit vectors at the angles, from 0 (they cancel) to 1 (all are equal); 1 - R is
/// scipy.stats.circvar.
/// @param angles, period  and @throws as circular_mean()
/// Source: Mardia, Jupp, "Directional statistics", 2000, section 2.3.
template <std::floating_point T>
double circular_resultant(const Tensor<T>& angles, double period = two_pi) {
  detail::check_angles("circular_resultant", angles, period);
  return std::min(1.0, detail::mean_direction(angles, period).length());
}

namespace detail {

template <class T, class U>
std::vector<double> circular_errors(const char* operation, const Tensor<T>& truth, const Tensor<U>& predicted,
                                    double period) {
  ensure<ShapeError>(truth.shape() == predicted.shape(), operation, ": need two tensors of one shape, got ",
                     truth.shape(), " and ", predicted.shape());
  check_angles(operation, truth, period);
  check_angles(operation, predicted, period);
  std::vector<double> errors;
  errors.reserve(static_cast<std::size_t>(truth.size()));
  for (Index i = 0; i < truth.size(); ++i) {
    errors.push_back(
        std::abs(circular_difference(static_cast<double>(predicted[i]), static_cast<double>(truth[i]), period)));
  }
  return errors;
}

inline double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double v : values) {
    sum += v;
  }
  return sum / static_cast<double>(values.size());
}

/// The middle one, or the mean of the two in the middle, as numpy.median.
inline double median_of(std::vector<double> values) {
  const auto middle = values.begin() + std::ssize(values) / 2;
  std::ranges::nth_element(values, middle);
  return values.size() % 2 == 1 ? *middle : (*middle + *std::max_element(values.begin(), middle)) / 2;
}

}  // namespace detail

/// Mean of |circular_difference(predicted, truth)|, from 0 to period / 2, in the angles' unit; period / 4 is what
/// guesses get.
/// @param truth, predicted  angles of one shape, in any range
/// @param period            in the unit of the angles: 2 pi for radians, 360 for degrees
/// @throws ShapeError unless both have one shape and an angle; ArgumentError unless angles are finite and the period
/// positive
template <std::floating_point T, std::floating_point U>
double mean_absolute_circular_error(const Tensor<T>& truth, const Tensor<U>& predicted, double period = two_pi) {
  return detail::mean_of(detail::circular_errors("mean_absolute_circular_error", truth, predicted, period));
}

/// Median of |circular_difference(predicted, truth)|: as mean_absolute_circular_error(), less moved by a few frames in
/// which front and back are mistaken for each other.
template <std::floating_point T, std::floating_point U>
double median_absolute_circular_error(const Tensor<T>& truth, const Tensor<U>& predicted, double period = two_pi) {
  return detail::median_of(detail::circular_errors("median_absolute_circular_error", truth, predicted, period));
}

}  // namespace engram::analysis
