#include <engram/analysis/noise_curve.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

#include <engram/core/random.hpp>

using namespace engram;
using analysis::noise_curve;
using analysis::NoiseCurve;

namespace {

/// Pixels of levels 0 to 1 under noise of deviation 0.02 + 0.1 level, half of them foreseen with a doubt of 0.2.
struct Scene {
  Tensor<double> noisy = Tensor<double>::uninitialized({400000});
  Tensor<double> means = noisy;
  Tensor<double> variances = noisy;

  Scene() {
    Rng rng(1);
    for (Index i = 0; i < noisy.size(); ++i) {
      const double level = rng.uniform();
      const double noise = 0.02 + 0.1 * level;
      const double doubt = i % 2 == 0 ? 0 : 0.2;
      means[i] = level;
      variances[i] = noise * noise + doubt * doubt;
      noisy[i] = level + std::sqrt(variances[i]) * rng.normal();
    }
  }
};

}  // namespace

TEST_CASE("noise_curve: the noise at each level, where the scene is foreseen well") {
  const Scene scene;
  const NoiseCurve curve = noise_curve(scene.noisy, scene.means, scene.variances);
  CHECK(curve.levels.size() == 24);
  for (const double level : {0.1, 0.35, 0.6, 0.9}) {
    CHECK(curve(level) == doctest::Approx(0.02 + 0.1 * level).epsilon(0.08));
  }
}

TEST_CASE("noise_curve: levels of few pixels are joined, and all levels at last") {
  Scene scene;
  scene.means[0] = 25;  // far brighter than all others
  const NoiseCurve curve = noise_curve(scene.noisy, scene.means, scene.variances);
  CHECK(curve.levels.size() == 1);
  CHECK(curve.levels[0] < 1);
  const NoiseCurve one = noise_curve(scene.noisy, scene.means, scene.variances, {.points = 1});
  CHECK(one.levels.size() == 1);
  CHECK(one.deviations[0] == doctest::Approx(curve.deviations[0]));
}

TEST_CASE("NoiseCurve: along lines between its points, and beyond its ends as there") {
  const NoiseCurve curve{{1, 3}, {10, 20}};
  CHECK(curve(0) == 10);
  CHECK(curve(1) == 10);
  CHECK(curve(1.5) == 12.5);
  CHECK(curve(3) == 20);
  CHECK(curve(7) == 20);
}

TEST_CASE("noise_curve: a mask has no noise, and does not take it from what is nearly as dark") {
  Rng rng(3);
  auto noisy = Tensor<double>::zeros({40000});
  auto means = noisy;
  auto variances = Tensor<double>::full(noisy.shape(), 1e-6);
  for (Index i = 12000; i < noisy.size(); ++i) {
    means[i] = 0.015 + 0.5 * rng.uniform() * static_cast<double>(i % 2);
    noisy[i] = std::min(1.0, std::max(0.0, means[i] + 0.005 * rng.normal()));
    variances[i] = 0.005 * 0.005;
  }
  const NoiseCurve curve = noise_curve(noisy, means, variances);
  CHECK(curve(0.015) == doctest::Approx(0.005).epsilon(0.1));
}

TEST_CASE("noise_curves: each channel has its own") {
  Rng rng(4);
  auto noisy = Tensor<double>::uninitialized({10, 3, 40, 40});
  const auto means = Tensor<double>::full(noisy.shape(), 0.5);
  auto variances = noisy;
  for (Index i = 0; i < noisy.size(); ++i) {
    const double deviation = 0.02 * static_cast<double>(1 + i / 1600 % 3);
    noisy[i] = 0.5 + deviation * rng.normal();
    variances[i] = deviation * deviation;
  }
  const auto curves = analysis::noise_curves(noisy, means, variances);
  REQUIRE(curves.size() == 3);
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(curves[c](0.5) == doctest::Approx(0.02 * static_cast<double>(c + 1)).epsilon(0.1));
  }
  CHECK_THROWS_WITH_AS(
      analysis::noise_curves(means.reshaped({30, 1600}), means.reshaped({30, 1600}), variances.reshaped({30, 1600})),
      "noise_curves: need images [N, C, H, W], got [30, 1600]", ShapeError);
}

TEST_CASE("noise_curve: what does not fit is refused") {
  const auto x = Tensor<float>::zeros({100});
  CHECK_THROWS_WITH_AS(noise_curve(x, Tensor<float>::zeros({99}), x),
                       "noise_curve: need images, means and variances of one shape, got [100], [99] and [100]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(noise_curve(x, x, x),
                       "noise_curve: need 2000 pixels or more between the darkest and the brightest, got 0 of 100",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(noise_curve(x, x, x, {.calmest = 0}),
                       "noise_curve: need points >= 1, 0 < calmest <= 1 and least >= 1, got 24, 0 and 200",
                       ArgumentError);
  auto bad = x;
  bad[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(noise_curve(x, bad, x), "noise_curve: need finite means, got nan at position 3", ArgumentError);
}
