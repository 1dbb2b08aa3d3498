#include <engram/denoising/noise_curve.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <engram/core/random.hpp>

using namespace engram;
using denoising::noise_curves;
using denoising::NoiseCurve;

namespace {

/// Pixels of levels 0 to 1 under noise of deviation 0.02 + 0.1 level, half of them foreseen with a doubt of 0.2.
struct Scene {
  Tensor<double> noisy = Tensor<double>::uninitialized({100, 1, 40, 100});
  denoising::PixelPredictions<double> told{noisy, noisy};

  Scene() {
    Rng rng(1);
    for (Index i = 0; i < noisy.size(); ++i) {
      const double level = rng.uniform();
      const double noise = 0.02 + 0.1 * level;
      const double doubt = i % 2 == 0 ? 0 : 0.2;
      told.means[i] = level;
      told.variances[i] = noise * noise + doubt * doubt;
      noisy[i] = level + std::sqrt(told.variances[i]) * rng.normal();
    }
  }
};

}  // namespace

TEST_CASE("noise_curves: the noise at each level, where the scene is foreseen well") {
  const Scene scene;
  const NoiseCurve curve = noise_curves(scene.noisy, scene.told)[0];
  CHECK(curve.levels.size() == 24);
  for (const double level : {0.1, 0.35, 0.6, 0.9}) {
    CHECK(curve(level) == doctest::Approx(0.02 + 0.1 * level).epsilon(0.08));
  }
}

TEST_CASE("noise_curves: levels of few pixels are joined, and all levels at last") {
  Scene scene;
  scene.told.means[0] = 25;  // far brighter than all others
  const NoiseCurve curve = noise_curves(scene.noisy, scene.told)[0];
  CHECK(curve.levels.size() == 1);
  CHECK(curve.levels[0] < 1);
  const NoiseCurve one = noise_curves(scene.noisy, scene.told, {.points = 1})[0];
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

TEST_CASE("noise_curves: a mask has no noise, and does not take it from what is nearly as dark") {
  Rng rng(3);
  auto noisy = Tensor<double>::zeros({10, 1, 40, 100});
  auto means = noisy;
  auto variances = Tensor<double>::full(noisy.shape(), 1e-6);
  for (Index i = 12000; i < noisy.size(); ++i) {
    means[i] = 0.015 + 0.5 * rng.uniform() * static_cast<double>(i % 2);
    noisy[i] = std::min(1.0, std::max(0.0, means[i] + 0.005 * rng.normal()));
    variances[i] = 0.005 * 0.005;
  }
  const NoiseCurve curve = noise_curves(noisy, {means, variances})[0];
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
  const auto curves = noise_curves(noisy, {means, variances});
  REQUIRE(curves.size() == 3);
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(curves[c](0.5) == doctest::Approx(0.02 * static_cast<double>(c + 1)).epsilon(0.1));
  }
}

TEST_CASE("noise_curves: a channel whose light is off has no noise") {
  const auto dark = Tensor<float>::full({3, 1, 40, 40}, 0.25F);
  const auto curve = noise_curves(dark, {dark, dark})[0];
  CHECK(curve.levels == std::vector<double>{0.25});
  CHECK(curve.deviations == std::vector<double>{0});
}

TEST_CASE("noise_curves: what does not fit is refused") {
  const auto x = Tensor<float>::zeros({1, 1, 10, 10});
  CHECK_THROWS_WITH_AS(noise_curves(x, {x.reshaped({1, 1, 5, 20}), x}),
                       "noise_curves: need images, means and variances [N, C, H, W] of one shape, got [1, 1, 10, 10], "
                       "[1, 1, 5, 20] and [1, 1, 10, 10]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(noise_curves(x, {x, x}),
                       "noise_curves: need 2000 pixels or more of each channel between the darkest and the brightest, "
                       "got 0 of 100",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(noise_curves(x, {x, x}, {.calmest = 0}),
                       "noise_curves: need points >= 1, 0 < calmest <= 1 and least >= 1, got 24, 0 and 200",
                       ArgumentError);
  auto bad = x;
  bad[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_WITH_AS(noise_curves(x, {bad, x}), "noise_curves: need finite means, got nan at position 3",
                       ArgumentError);
}
