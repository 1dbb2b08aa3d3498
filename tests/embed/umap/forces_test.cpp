#include <engram/embed/umap/forces.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "support/random_tensor.hpp"

using namespace engram;
using embed::Curve;
using embed::Forces;

namespace {

constexpr Curve force_curve{1.577, 0.895};

/// The class's formulas in double, pair by pair.
std::vector<double> expected_force(const Tensor<float>& points, Index self, const std::vector<std::int32_t>& targets,
                                   Index pulls, double pull_times, double repulsion, const Curve& curve) {
  const Index d = points.dim(1);
  std::vector<double> force(static_cast<std::size_t>(d), 0.0);
  for (std::size_t t = 0; t < targets.size(); ++t) {
    double squared = 1.2e-7;
    std::vector<double> difference(static_cast<std::size_t>(d));
    for (Index c = 0; c < d; ++c) {
      difference[static_cast<std::size_t>(c)] =
          static_cast<double>(points[self * d + c]) - static_cast<double>(points[targets[t] * d + c]);
      squared += difference[static_cast<std::size_t>(c)] * difference[static_cast<std::size_t>(c)];
    }
    const bool pull = static_cast<Index>(t) < pulls;
    const double power = std::pow(squared, curve.b);
    const double factor = pull ? -2 * curve.a * curve.b * power / squared / (1 + curve.a * power)
                               : 2 * repulsion * curve.b / ((0.001 + squared) * (1 + curve.a * power));
    for (std::size_t c = 0; c < force.size(); ++c) {
      force[c] += (pull ? pull_times : 1) * std::clamp(factor * difference[c], -4.0, 4.0);
    }
  }
  return force;
}

template <class D>
double error_of(D d, Index pulls, Index pushes, float scale, const Curve& curve = force_curve) {
  auto points = cast<float>(normal({200, d}, 3));
  for (float& x : points.elements()) {
    x *= scale;
  }
  std::vector<std::int32_t> targets;
  for (Index t = 0; t < pulls + pushes; ++t) {
    targets.push_back(static_cast<std::int32_t>((t * 37 + 5) % 200));
  }
  const auto expected = expected_force(points, 5, targets, pulls, 2, 1.5, curve);
  std::vector<float> workspace(static_cast<std::size_t>(Forces::workspace(d)));
  std::vector<float> force(static_cast<std::size_t>(Index{d}), 0.0F);
  Forces(curve, 1.5)
      .sum(d, points.data() + 5 * d, points.data(), targets.data(), pulls, pulls + pushes, 2.0F, workspace.data(),
           force.data());
  double largest = 0;
  double size = 1;
  for (std::size_t c = 0; c < force.size(); ++c) {
    largest = std::max(largest, std::abs(static_cast<double>(force[c]) - expected[c]));
    size = std::max(size, std::abs(expected[c]));
  }
  return largest / size;
}

}  // namespace

TEST_CASE("Forces: sums of few and many pairs, in 2, 3 and 16 dimensions, as the formulas in double") {
  for (const Index pulls : {0, 1, 15, 16, 40, 150}) {
    for (const Index pushes : {0, 1, 80, 300}) {
      CAPTURE(pulls);
      CAPTURE(pushes);
      CHECK(error_of(std::integral_constant<Index, 2>{}, pulls, pushes, 3) < 2e-5);
      CHECK(error_of(std::integral_constant<Index, 3>{}, pulls, pushes, 3) < 2e-5);
      CHECK(error_of(Index{16}, pulls, pushes, 1) < 2e-5);
    }
  }
}

TEST_CASE("Forces: clipped at 4 per coordinate where points nearly meet") {
  CHECK(error_of(std::integral_constant<Index, 2>{}, 10, 50, 1e-3F) < 2e-5);
}

TEST_CASE("Forces: clipped at 4 per coordinate for each time that a point pulls, where the curve is steep") {
  CHECK(error_of(std::integral_constant<Index, 2>{}, 40, 0, 0.1F, {1000, 0.9}) < 2e-5);
}

TEST_CASE("Forces: no force between points in one place, a finite one however far") {
  const auto points = Tensor<float>::from({3, 2}, {1, 2, 1, 2, 1e18F, -1e18F});
  std::vector<float> workspace(static_cast<std::size_t>(Forces::workspace(2)));
  for (const Index pulls : {0, 1}) {
    for (const std::int32_t target : {1, 2}) {
      float force[2] = {};
      Forces(force_curve, 1)
          .sum(Index{2}, points.data(), points.data(), &target, pulls, 1, 2.0F, workspace.data(), force);
      CHECK(std::isfinite(force[0]));
      CHECK(std::abs(force[1]) <= (target == 1 ? 0.0F : 1e-15F));
    }
  }
}
