#include <engram/denoising/posterior_mean.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include <engram/core/random.hpp>

using namespace engram;
using denoising::NoiseCurve;
using denoising::posterior_mean;

TEST_CASE("posterior_mean: a pixel counts as much as its prediction is less sure than the noise allows") {
  const auto noisy = Tensor<double>::from({1, 1, 1, 3}, {5, 5, 5});
  const auto means = Tensor<double>::from({1, 1, 1, 3}, {1, 1, 1});
  const auto variances = Tensor<double>::from({1, 1, 1, 3}, {16, 4, 2});
  const auto out = posterior_mean(noisy, {means, variances}, {{{0}, {2}}});
  CHECK(out[0] == 1 + 4 * 12.0 / 16);
  CHECK(out[1] == 1);
  CHECK(out[2] == 1);
}

TEST_CASE("posterior_mean: each channel by its own curve") {
  const auto noisy = Tensor<double>::full({2, 2, 1, 1}, 5);
  const auto means = Tensor<double>::full(noisy.shape(), 1);
  const auto variances = Tensor<double>::full(noisy.shape(), 16);
  const auto out = posterior_mean(noisy, {means, variances}, {{{0}, {2}}, {{0}, {4}}});
  CHECK(out[0] == 4);
  CHECK(out[1] == 1);
  CHECK(out[2] == 4);
  CHECK(out[3] == 1);
  CHECK_THROWS_WITH_AS(posterior_mean(noisy, {means, variances}, {{{0}, {2}}}),
                       "posterior_mean: need a noise curve for each of 2 channels, got 1", ArgumentError);
}

TEST_CASE("posterior_mean: nearer to the truth than the prediction and the pixel, as Bayes says") {
  Rng rng(1);
  constexpr Index n = 20000;
  auto noisy = Tensor<double>::uninitialized({1, 1, 1, n});
  auto means = noisy;
  auto variances = noisy;
  auto truth = noisy;
  for (Index i = 0; i < n; ++i) {
    truth[i] = 10 + rng.normal();
    means[i] = 10;
    noisy[i] = truth[i] + 0.5 * rng.normal();
    variances[i] = 1.25;
  }
  const auto out = posterior_mean(noisy, {means, variances}, {{{10}, {0.5}}});
  double sum = 0;
  for (Index i = 0; i < n; ++i) {
    sum += (out[i] - truth[i]) * (out[i] - truth[i]);
  }
  CHECK(sum / n == doctest::Approx(0.2).epsilon(0.05));  // 1 / (1 / 1 + 1 / 0.25)
}

TEST_CASE("posterior_mean: what does not fit is refused") {
  const auto x = Tensor<float>::full({1, 1, 2, 2}, 1);
  CHECK_THROWS_WITH_AS(posterior_mean(x, {x.reshaped({4}), x}, {{{0}, {1}}}),
                       "posterior_mean: need images, means and variances [N, C, H, W] of one shape, got [1, 1, 2, 2], "
                       "[4] and [1, 1, 2, 2]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(posterior_mean(x, {x, x}, std::vector<NoiseCurve>(1)),
                       "posterior_mean: need noise curves of points, got 0 levels and 0 deviations", ArgumentError);
}
