#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numeric>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/embed/linear_algebra/eigenpairs.hpp>
#include <engram/embed/pca.hpp>

namespace engram::analysis {

/// Where on a ring each code lies.
struct CircularCoordinate {
  Tensor<double> angles;     ///< [N], radians, in -pi .. pi; where they start and which way they run means nothing
  double plane_share = 0;    ///< share of the codes' variance in the plane of the ring
  double radius_spread = 0;  ///< standard deviation of the distance from the centre / its mean: 0 on an ellipse, 0.52
                             ///< for a normal distribution, which has no ring
};

namespace detail {

/// An ellipse in the plane: points p with |shape (p - centre)| constant, shape symmetric.
struct Ellipse {
  std::array<double, 2> centre{};
  double xx = 1;
  double xy = 0;
  double yy = 1;

  std::array<double, 2> to_circle(double x, double y) const {
    x -= centre[0];
    y -= centre[1];
    return {xx * x + xy * y, xy * x + yy * y};
  }
};

using Matrix3 = std::array<std::array<double, 3>, 3>;

/// Solution q of largest 4 q0 q2 - q1^2 relative to q' squares q, the one ellipse among the stationary ones.
inline std::array<double, 3> most_elliptic(const Matrix3& squares) {
  const auto own = embed::eigen_symmetric(squares[0].data(), 3);
  Matrix3 white;  // rows w with w' squares w = 1
  for (std::size_t k = 0; k < 3; ++k) {
    for (std::size_t a = 0; a < 3; ++a) {
      const auto at = static_cast<Index>(k);
      white[k][a] = own.vectors[3 * at + static_cast<Index>(a)] / std::sqrt(own.values[at]);
    }
  }
  Matrix3 ratio;
  for (std::size_t j = 0; j < 3; ++j) {
    for (std::size_t k = 0; k < 3; ++k) {
      ratio[j][k] = 2 * white[j][0] * white[k][2] - white[j][1] * white[k][1] + 2 * white[j][2] * white[k][0];
    }
  }
  const auto largest = embed::eigen_symmetric(ratio[0].data(), 3).vectors;
  std::array<double, 3> q{};
  for (std::size_t a = 0; a < 3; ++a) {
    q[a] = largest[0] * white[0][a] + largest[1] * white[1][a] + largest[2] * white[2][a];
  }
  return q;
}

/// Least-squares ellipse A x^2 + B x y + C y^2 + D x + E y + F = 0, 4 A C - B^2 = 1, through points [N, 2] whose
/// columns have mean 0 and no covariance, as principal coordinates have: given A, B, C the rest needs no solving.
/// Source: Fitzgibbon, Pilu, Fisher, "Direct least square fitting of ellipses", PAMI 21, 1999, reduced as by Halir,
/// Flusser, "Numerically stable direct least squares fitting of ellipses", WSCG 1998.
inline Ellipse fit_ellipse(const Tensor<double>& points) {
  const auto n = static_cast<double>(points.dim(0));
  const double scale =
      std::sqrt(std::inner_product(points.data(), points.data() + points.size(), points.data(), 0.0) / n);
  Matrix3 squares{};                       // of x^2, x y, y^2
  Matrix3 cross{};                         // of those with x, y, 1
  std::array<double, 3> linear_squares{};  // of x, y, 1
  for (Index i = 0; i < points.dim(0); ++i) {
    const double x = points[2 * i] / scale;
    const double y = points[2 * i + 1] / scale;
    const std::array<double, 3> quadratic{x * x, x * y, y * y};
    const std::array<double, 3> linear{x, y, 1};
    for (std::size_t a = 0; a < 3; ++a) {
      for (std::size_t b = 0; b < 3; ++b) {
        squares[a][b] += quadratic[a] * quadratic[b];
        cross[a][b] += quadratic[a] * linear[b];
      }
      linear_squares[a] += linear[a] * linear[a];
    }
  }
  const double trace = squares[0][0] + squares[1][1] + squares[2][2];
  for (std::size_t a = 0; a < 3; ++a) {
    for (std::size_t b = 0; b < 3; ++b) {
      for (std::size_t k = 0; k < 3; ++k) {
        squares[a][b] -= cross[a][k] * cross[b][k] / linear_squares[k];
      }
    }
    squares[a][a] += 1e-13 * trace;  // points exactly on an ellipse leave it singular
  }
  std::array<double, 3> q = most_elliptic(squares);
  if (q[0] < 0) {
    q = {-q[0], -q[1], -q[2]};
  }
  const double d = -(cross[0][0] * q[0] + cross[1][0] * q[1] + cross[2][0] * q[2]) / linear_squares[0];
  const double e = -(cross[0][1] * q[0] + cross[1][1] * q[1] + cross[2][1] * q[2]) / linear_squares[1];
  const double determinant = q[0] * q[2] - q[1] * q[1] / 4;
  ensure<ArgumentError>(determinant > 0, "circular_coordinate: need codes that do not lie on a line");
  const double root = std::sqrt(determinant);  // form + root I is the square root of form up to a factor
  return {.centre = {scale * (q[1] * e / 2 - q[2] * d) / (2 * determinant),
                     scale * (q[1] * d / 2 - q[0] * e) / (2 * determinant)},
          .xx = q[0] + root,
          .xy = q[1] / 2,
          .yy = q[2] + root};
}

}  // namespace detail

/// A circular coordinate of codes on a ring: the angle around the centre of the ellipse that fits them best in the
/// plane of their first two principal components, of which the ellipse was made a circle. Compare it with a measured
/// angle by align_circular() and circular_correlation().
///
/// The ellipse, unlike the codes' mean, stays where it is if one side of the ring is visited more often, and takes out
/// that one axis is longer. What bends out of the plane, or further harmonics in it, do no harm as long as the ring's
/// image in the plane goes once around; plane_share and radius_spread tell, and rips_persistence() whether there is a
/// ring at all. (Coordinates from persistent cohomology need no plane, but cocycles, which GUDHI does not give.)
/// @param codes  [N, D], N >= 6, D >= 2
/// @throws ShapeError, ArgumentError as Pca; ArgumentError for other N or D or for codes on a line
/// Source: Rubin et al., "Revealing neural correlates of behavior without behavioral measurements", Nature
/// Communications 10, 2019 (internal angle around a ring); detail::fit_ellipse() for the fit.
template <std::floating_point T>
CircularCoordinate circular_coordinate(const Tensor<T>& codes) {
  ensure<ShapeError>(codes.rank() == 2 && codes.dim(0) >= 6 && codes.dim(1) >= 2,
                     "circular_coordinate: need codes [N, D] with N >= 6 and D >= 2, got ", codes.shape());
  embed::Pca<double> pca({.n_components = 2});
  const auto plane = pca.fit_transform(cast<double>(codes));
  const Index n = codes.dim(0);
  ensure<ArgumentError>(pca.explained_variance()[1] > 1e-24 * pca.explained_variance()[0],
                        "circular_coordinate: need codes that do not lie on a line");
  const detail::Ellipse ellipse = detail::fit_ellipse(plane);
  CircularCoordinate result{.angles = Tensor<double>::uninitialized({n})};
  double sum = 0;
  double squares = 0;
  for (Index i = 0; i < n; ++i) {
    const auto [x, y] = ellipse.to_circle(plane[2 * i], plane[2 * i + 1]);
    result.angles[i] = std::atan2(y, x);
    sum += std::hypot(x, y);
    squares += x * x + y * y;
  }
  const double mean = sum / static_cast<double>(n);
  result.radius_spread = std::sqrt(std::max(0.0, squares / static_cast<double>(n) / (mean * mean) - 1));
  for (const double share : pca.explained_variance_ratio().elements()) {
    result.plane_share += share;
  }
  return result;
}

}  // namespace engram::analysis
