#include <engram/analysis/whiteness.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include <engram/analysis/median_filter.hpp>

#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using analysis::whiteness;

namespace {

Tensor<double> sum(const Tensor<double>& a, const Tensor<double>& b) {
  auto c = a;
  for (Index i = 0; i < c.size(); ++i) {
    c[i] += b[i];
  }
  return c;
}

/// A thin bright line across each image.
Tensor<double> lines(const Shape& shape, double brightness) {
  auto images = Tensor<double>::zeros(shape);
  const Index width = shape[3];
  for (Index plane = 0; plane < shape[0] * shape[1]; ++plane) {
    for (Index x = 4; x < width - 4; ++x) {
      images[plane * shape[2] * width + (shape[2] / 2) * width + x] = brightness;
    }
  }
  return images;
}

/// How often of 200 times p_value is below 0.05, and structure_z beyond 1.96, for noise as `make` gives it by seed.
struct Rejections {
  int portmanteau = 0;
  int structure = 0;
};
template <class F>
Rejections rejections(F make) {
  Rejections count;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Tensor<double> noise = make(seed);
    const auto clean = lines(noise.shape(), 1);
    const auto found = whiteness(sum(clean, noise), clean);
    count.portmanteau += found.p_value < 0.05 ? 1 : 0;
    count.structure += std::abs(found.structure_z) > 1.96 ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("whiteness: six pixels by hand") {
  const auto denoised = Tensor<double>::full({1, 1, 2, 3}, 7);
  const auto noisy = Tensor<double>::from({1, 1, 2, 3}, {10, 7, 7, 7, 7, 10});
  // Residual 3 0 0 / 0 0 3, less its mean: 2 -1 -1 / -1 -1 2, squares 12, variance 12 / 5, added per pair 12 / 30.
  const auto found = whiteness(noisy, denoised, {.max_lag = 1});
  REQUIRE(found.lags.size() == 4);
  CHECK(found.lags[0].dx == 1);  // products -2 1 1 -2
  CHECK(found.lags[0].correlation == doctest::Approx((-2 + 4 * 0.4) / 4 / 2.4));
  CHECK(found.lags[0].z == doctest::Approx((-2 + 4 * 0.4) / std::sqrt(10.0)));
  CHECK(found.lags[1].dx == -1);  // (-1)(-1) and (-1)(-1)
  CHECK(found.lags[1].dy == 1);
  CHECK(found.lags[1].correlation == doctest::Approx((2 + 2 * 0.4) / 2 / 2.4));
  CHECK(found.lags[2].dx == 0);  // -2 1 -2
  CHECK(found.lags[2].correlation == doctest::Approx((-3 + 3 * 0.4) / 3 / 2.4));
  CHECK(found.lags[3].dx == 1);  // -2 -2
  CHECK(found.lags[3].z == doctest::Approx((-4 + 2 * 0.4) / std::sqrt(8.0)));
  CHECK(found.structure_correlation == 0);
}

TEST_CASE("whiteness: the chance of a chi-square variable") {
  // scipy 1.10.1: scipy.stats.chi2.sf(x, degrees)
  CHECK(analysis::detail::chi_square_tail(3.0, 4) == doctest::Approx(0.5578254003710748).epsilon(1e-12));
  CHECK(analysis::detail::chi_square_tail(21.0, 12) == doctest::Approx(0.05038045108893583).epsilon(1e-12));
  CHECK(analysis::detail::chi_square_tail(0.0, 12) == 1);
  CHECK(analysis::detail::chi_square_tail(1e4, 12) == 0);
}

TEST_CASE("whiteness: white noise is rejected as often as it should be") {
  // 200 draws at 5 %: 10 are expected, with a standard deviation of 3.1.
  const Rejections count = rejections([](std::uint64_t seed) { return normal({6, 1, 16, 16}, seed); });
  CHECK(count.portmanteau >= 3);
  CHECK(count.portmanteau <= 18);
  CHECK(count.structure >= 3);
  CHECK(count.structure <= 18);
}

TEST_CASE("whiteness: so is noise of unequal variance that the channels share, of a mean that drifts") {
  const Rejections count = rejections([](std::uint64_t seed) {
    auto noise = normal({6, 3, 16, 16}, 1000 + seed);
    for (Index image = 0; image < 6; ++image) {
      for (Index i = 0; i < 256; ++i) {
        const double sigma = 0.2 + static_cast<double>(i) / 100;
        const double shared = sigma * noise[image * 768 + i] + static_cast<double>(image);
        for (Index channel = 0; channel < 3; ++channel) {
          noise[image * 768 + channel * 256 + i] = shared;
        }
      }
    }
    return noise;
  });
  CHECK(count.portmanteau >= 3);
  CHECK(count.portmanteau <= 18);
  CHECK(count.structure >= 3);
  CHECK(count.structure <= 18);
}

TEST_CASE("whiteness: with thousands of small images the mean's removal leaves no trace") {
  const auto noise = normal({3000, 1, 8, 8}, 7);
  const auto found = whiteness(noise, Tensor<double>::zeros(noise.shape()));
  for (const auto& lag : found.lags) {
    CHECK(std::abs(lag.z) < 3.5);  // uncorrected, all would be at about -sqrt(3000 / 64) = -6.8
  }
  CHECK(found.largest < 0.01);
}

TEST_CASE("whiteness: smoothed noise has the correlation of its filter") {
  auto noise = normal({20, 1, 32, 32}, 8);
  auto smooth = noise;
  for (Index i = 1; i < noise.size(); ++i) {
    smooth[i] = noise[i] + 0.5 * noise[i - 1];  // correlation 0.5 / 1.25 at lag (1, 0)
  }
  const auto found = whiteness(smooth, Tensor<double>::zeros(noise.shape()));
  CHECK(found.lags[0].correlation == doctest::Approx(0.4).epsilon(0.03));
  CHECK(found.largest == found.lags[0].correlation);
  CHECK(std::abs(found.lags[1].correlation) < 0.03);
  CHECK(found.p_value < 1e-12);
}

TEST_CASE("whiteness: a line in what was removed shows, and what is left of it says so") {
  const auto noise = normal({40, 1, 24, 24}, 9);
  const auto noisy = sum(lines(noise.shape(), 2), noise);
  const auto kept = whiteness(noisy, lines(noise.shape(), 2));
  CHECK(kept.p_value > 0.01);
  CHECK(std::abs(kept.structure_z) < 2.5);
  const auto removed = whiteness(noisy, Tensor<double>::zeros(noise.shape()));  // all of it: only the lags can tell
  CHECK(removed.p_value < 1e-6);
  CHECK(removed.largest == doctest::Approx(removed.lags[0].correlation));  // along the line
  CHECK(removed.structure_correlation == 0);
  const auto dimmed = whiteness(noisy, lines(noise.shape(), 1));  // half of it
  CHECK(dimmed.structure_z > 10);
  CHECK(dimmed.structure_correlation > 0.1);
  const auto sharpened = whiteness(noisy, lines(noise.shape(), 3));  // more than there was
  CHECK(sharpened.structure_z < -10);
}

TEST_CASE("whiteness: a median filter takes the line with it") {
  const auto noise = normal({40, 1, 24, 24}, 10);
  auto noisy = lines(noise.shape(), 1);
  for (Index i = 0; i < noisy.size(); ++i) {
    noisy[i] += 0.1 * noise[i];
  }
  CHECK(whiteness(noisy, analysis::median_filter(noisy, 3)).largest > 0.5);
}

TEST_CASE("whiteness: where nothing was removed nothing is found") {
  const auto images = normal<float>({2, 3, 9, 9}, 11);
  const auto found = whiteness(images, images);
  CHECK(found.lags.size() == 12);
  CHECK(found.largest == 0);
  CHECK(found.p_value == 1);
  CHECK(found.structure_correlation == 0);
}

TEST_CASE("whiteness: the same bits on any number of threads") {
  const auto noisy = normal<float>({9, 2, 12, 12}, 12);
  const auto denoised = analysis::median_filter(noisy);
  CHECK(same_bits_on_any_threads([&] {
    const auto found = whiteness(noisy, denoised);
    return std::vector<double>{found.statistic, found.largest, found.structure_correlation, found.structure_z};
  }));
}

TEST_CASE("whiteness: errors say what was needed and what was got") {
  auto images = Tensor<float>::zeros({1, 1, 5, 5});
  CHECK_THROWS_WITH_AS(whiteness(images, Tensor<float>::zeros({1, 1, 5, 6})),
                       "whiteness: need two batches of images [N, C, H, W] of one shape, got [1, 1, 5, 5] and "
                       "[1, 1, 5, 6]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(whiteness(images, images, {.max_lag = 5}),
                       "whiteness: need images larger than max_lag = 5, got [1, 1, 5, 5]", ShapeError);
  CHECK_THROWS_WITH_AS(whiteness(images, images, {.max_lag = 0}), "whiteness: need max_lag >= 1, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(whiteness(images, images, {.detail_sigma = 0}), "whiteness: need detail_sigma > 0, got 0",
                       ArgumentError);
  auto bad = images;
  bad[7] = NAN;
  CHECK_THROWS_WITH_AS(whiteness(images, bad), "whiteness: need finite denoised, got nan at position 7", ArgumentError);
}
