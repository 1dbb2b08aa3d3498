#include <engram/denoising/noise_correlation.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/random_tensor.hpp"

using namespace engram;
using denoising::noise_correlation;

TEST_CASE("noise_correlation: none in white noise, and that of pixels which share theirs along rows alone") {
  const auto white = normal<double>({20, 1, 40, 50}, 1);
  const auto variances = Tensor<double>::full(white.shape(), 1);
  const auto flat = Tensor<double>::zeros(white.shape());
  const auto none = noise_correlation(white, {flat, variances});
  for (std::size_t k = 0; k < 3; ++k) {
    CHECK(std::abs(none.along_rows[k]) < 0.03);
    CHECK(std::abs(none.along_columns[k]) < 0.03);
  }
  auto shared = white;
  for (Index i = 1; i < shared.size(); ++i) {
    shared[i] = white[i] + white[i - 1];
  }
  const auto half = noise_correlation(shared, {flat, variances});
  CHECK(half.along_rows[0] == doctest::Approx(0.5).epsilon(0.05));
  CHECK(std::abs(half.along_rows[1]) < 0.03);
  CHECK(std::abs(half.along_columns[0]) < 0.03);
}

TEST_CASE("noise_correlation: looks at calm pixels, not at those where the scene changes") {
  auto images = normal<double>({20, 1, 40, 50}, 2);
  auto variances = Tensor<double>::full(images.shape(), 1);
  const auto flat = Tensor<double>::zeros(images.shape());
  for (Index i = 0; i < images.size(); ++i) {
    if (i % 50 >= 15) {
      images[i] += 3 * std::sin(static_cast<double>(i % 50));
      variances[i] = 2;
    }
  }
  CHECK(std::abs(noise_correlation(images, {flat, variances}).along_rows[0]) < 0.05);
  for (Index i = 0; i < images.size(); i += 2000) {  // a mark that never changes
    images[i] = images[i + 50] = images[i + 100] = 200;
    variances[i] = variances[i + 50] = variances[i + 100] = 0;
  }
  CHECK(std::abs(noise_correlation(images, {flat, variances}).along_columns[0]) < 0.05);
  CHECK(std::isnan(noise_correlation(images, {flat, variances}, {.least = 100000}).along_rows[0]));
}

TEST_CASE("noise_correlation: a scene that changes slowly is no correlation, and a black mask hides none") {
  auto noise = normal<double>({20, 1, 40, 50}, 3);
  auto ramp = noise;
  for (Index i = 0; i < ramp.size(); ++i) {
    ramp[i] = 0.6 * static_cast<double>(i % 50);
  }
  auto images = noise;
  const auto variances = Tensor<double>::full(noise.shape(), 1);
  for (Index i = 0; i < ramp.size(); ++i) {
    images[i] = ramp[i] + noise[i];
  }
  CHECK(std::abs(noise_correlation(images, {ramp, variances}).along_rows[0]) < 0.03);

  auto doubt = variances;
  for (Index i = 1; i < images.size(); ++i) {
    const bool masked = i % 50 < 15;
    images[i] = masked ? -100 : ramp[i] + noise[i] + noise[i - 1];
    doubt[i] = masked ? 0 : 2;
  }
  CHECK(noise_correlation(images, {ramp, doubt}).along_rows[0] == doctest::Approx(0.5).epsilon(0.05));
}

TEST_CASE("noise_correlation: calm pixels are those of each channel, of which one may be much noisier") {
  auto images = normal<double>({20, 2, 40, 50}, 4);
  auto variances = images;
  for (Index i = images.size() - 1; i > 0; --i) {
    const bool noisier = i / 2000 % 2 == 1;
    images[i] = noisier ? 3 * (images[i] + images[i - 1]) : images[i];
    variances[i] = noisier ? 18 : 1;
  }
  const auto found = noise_correlation(images, {Tensor<double>::zeros(images.shape()), variances}, {.calmest = 1});
  CHECK(found.along_rows[0] > 0.3);
}

TEST_CASE("noise_correlation: what does not fit is refused") {
  const auto x = Tensor<float>::zeros({2, 1, 5, 5});
  CHECK_THROWS_WITH_AS(
      noise_correlation(x, {x, Tensor<float>::zeros({2, 1, 5, 4})}),
      "noise_correlation: need images, means and variances [N, C, H, W] of one shape, got [2, 1, 5, 5], "
      "[2, 1, 5, 5] and [2, 1, 5, 4]",
      ShapeError);
  CHECK_THROWS_WITH_AS(noise_correlation(x, {x, x}, {.calmest = 0}),
                       "noise_correlation: need 0 < calmest <= 1 and least >= 1, got 0 and 1000", ArgumentError);
}
