#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>

#include <Eigen/Dense>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
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

/// An ellipse in the plane: points p with |shape (p - centre)| constant.
struct Ellipse {
  Eigen::Vector2d centre;
  Eigen::Matrix2d shape;
};

/// Least-squares ellipse A x^2 + B x y + C y^2 + D x + E y + F = 0, 4 A C - B^2 = 1, through points [N, 2].
/// Source: Fitzgibbon, Pilu, Fisher, "Direct least square fitting of ellipses", PAMI 21, 1999, in the form of Halir,
/// Flusser, "Numerically stable direct least squares fitting of ellipses", WSCG 1998.
inline Ellipse fit_ellipse(const Eigen::Matrix<double, Eigen::Dynamic, 2>& points) {
  const double scale = std::sqrt(points.squaredNorm() / static_cast<double>(points.rows()));
  Eigen::Matrix<double, 6, 6> moments = Eigen::Matrix<double, 6, 6>::Zero();
  for (Eigen::Index i = 0; i < points.rows(); ++i) {
    const double x = points(i, 0) / scale;
    const double y = points(i, 1) / scale;
    const Eigen::Matrix<double, 6, 1> terms{x * x, x * y, y * y, x, y, 1};
    moments += terms * terms.transpose();
  }
  const Eigen::Matrix3d cross = moments.topRightCorner<3, 3>();
  const Eigen::Matrix3d linear_from_quadratic = -moments.bottomRightCorner<3, 3>().fullPivLu().solve(cross.transpose());
  const Eigen::Matrix3d reduced = moments.topLeftCorner<3, 3>() + cross * linear_from_quadratic;
  Eigen::Matrix3d constrained;  // times the inverse of 4 A C - B^2 as a form
  constrained << reduced.row(2) / 2, -reduced.row(1), reduced.row(0) / 2;
  const Eigen::EigenSolver<Eigen::Matrix3d> solver(constrained);
  for (Eigen::Index k = 0; k < 3; ++k) {
    Eigen::Vector3d q = solver.eigenvectors().col(k).real();
    if (4 * q(0) * q(2) - q(1) * q(1) > 1e-12 * q.squaredNorm()) {
      q *= q(0) < 0 ? -1 : 1;
      const Eigen::Vector3d linear = linear_from_quadratic * q;
      Eigen::Matrix2d form;
      form << q(0), q(1) / 2, q(1) / 2, q(2);
      return {scale * form.fullPivLu().solve(-linear.head<2>() / 2),
              Eigen::SelfAdjointEigenSolver<Eigen::Matrix2d>(form).operatorSqrt()};
    }
  }
  fail<ArgumentError>("circular_coordinate: need codes that do not lie on a line");
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
  Eigen::Matrix<double, Eigen::Dynamic, 2> points(n, 2);
  for (Index i = 0; i < n; ++i) {
    points.row(i) << plane[2 * i], plane[2 * i + 1];
  }
  ensure<ArgumentError>(points.col(1).squaredNorm() > 1e-24 * points.col(0).squaredNorm(),
                        "circular_coordinate: need codes that do not lie on a line");
  const detail::Ellipse ellipse = detail::fit_ellipse(points);
  CircularCoordinate result{.angles = Tensor<double>::uninitialized({n})};
  double sum = 0;
  double squares = 0;
  for (Index i = 0; i < n; ++i) {
    const Eigen::Vector2d p = ellipse.shape * (points.row(i).transpose() - ellipse.centre);
    result.angles[i] = std::atan2(p(1), p(0));
    sum += p.norm();
    squares += p.squaredNorm();
  }
  const double mean = sum / static_cast<double>(n);
  result.radius_spread = std::sqrt(std::max(0.0, squares / static_cast<double>(n) / (mean * mean) - 1));
  for (const double share : pca.explained_variance_ratio().elements()) {
    result.plane_share += share;
  }
  return result;
}

}  // namespace engram::analysis
