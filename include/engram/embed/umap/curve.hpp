#pragma once

#include <array>
#include <cmath>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram::embed {

/// How strongly points at a distance d of the embedding belong together: 1 / (1 + a d^(2 b)).
struct Curve {
  double a = 0;
  double b = 0;
};

namespace detail {

/// Least squares of 1 / (1 + e^s u^(2 b)) to the target at points u, by the method of Levenberg and Marquardt.
class CurveFit {
 public:
  explicit CurveFit(double min_dist) {
    for (std::size_t i = 0; i < points; ++i) {
      u_[i] = 3.0 * static_cast<double>(i) / (points - 1);
      target_[i] = u_[i] < min_dist ? 1.0 : std::exp(min_dist - u_[i]);
    }
  }

  /// s and b.
  std::array<double, 2> solve() const {
    double s = 0;
    double b = 1;
    double damping = 1e-3;
    Normal at = normal(s, b);
    for (int iteration = 0; iteration < 200 && damping < 1e12; ++iteration) {
      const double ss = at.ss * (1 + damping);
      const double bb = at.bb * (1 + damping);
      const double determinant = ss * bb - at.sb * at.sb;
      const double step_s = (bb * at.s - at.sb * at.b) / determinant;
      const double step_b = (ss * at.b - at.sb * at.s) / determinant;
      const Normal next = normal(s + step_s, b + step_b);
      if (!(next.error <= at.error)) {
        damping *= 10;
        continue;
      }
      s += step_s;
      b += step_b;
      at = next;
      damping /= 10;
      if (std::abs(step_s) + std::abs(step_b) < 1e-12) {
        break;
      }
    }
    return {s, b};
  }

 private:
  static constexpr std::size_t points = 300;

  /// Squared error, and J'J and J'r of the residuals r = target - curve.
  struct Normal {
    double error = 0, ss = 0, sb = 0, bb = 0, s = 0, b = 0;
  };

  Normal normal(double s, double b) const {
    Normal sum;
    for (std::size_t i = 1; i < points; ++i) {  // at u = 0 both are 1
      const double log_u = std::log(u_[i]);
      const double f = 1 / (1 + std::exp(s + 2 * b * log_u));
      const double residual = target_[i] - f;
      const double by_s = -f * (1 - f);
      const double by_b = 2 * log_u * by_s;
      sum.error += residual * residual;
      sum.ss += by_s * by_s;
      sum.sb += by_s * by_b;
      sum.bb += by_b * by_b;
      sum.s += by_s * residual;
      sum.b += by_b * residual;
    }
    return sum;
  }

  std::array<double, points> u_{};
  std::array<double, points> target_{};
};

}  // namespace detail

/// Curve nearest to one that is 1 up to min_dist and falls as exp(-(d - min_dist) / spread) from there, by least
/// squares over 300 distances from 0 to 3 spread.
/// @throws ArgumentError unless spread is positive and 0 <= min_dist <= spread
/// Source: McInnes, Healy, Melville, "UMAP: uniform manifold approximation and projection for dimension reduction",
/// arXiv:1802.03426, definition 11.
inline Curve fit_curve(double spread = 1, double min_dist = 0.1) {
  ensure<ArgumentError>(spread > 0 && std::isfinite(spread), "Umap: need spread > 0, got ", spread);
  ensure<ArgumentError>(min_dist >= 0 && min_dist <= spread, "Umap: need min_dist from 0 to spread ", spread, ", got ",
                        min_dist);
  // In units of spread: 1 + a d^(2 b) = 1 + (a spread^(2 b)) u^(2 b).
  const auto [s, b] = detail::CurveFit(min_dist / spread).solve();
  return {std::exp(s - 2 * b * std::log(spread)), b};
}

}  // namespace engram::embed
