#include <engram/analysis/ssim.hpp>

#include <doctest/doctest.h>

#include <cmath>

#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using analysis::ssim;
using analysis::ssim_per_image;

namespace {

struct Images {
  Tensor<double> a = Tensor<double>::uninitialized({2, 3, 13, 16});
  Tensor<double> b = a;
};

/// Two images of three channels and the like of them, times `scale`.
Images images(double scale) {
  Images pair;
  for (Index i = 0; i < pair.a.size(); ++i) {
    const double a = static_cast<double>(i * i % 37) / 37;
    pair.a[i] = scale * a;
    pair.b[i] = scale * (static_cast<double>((i * i + 5 * i) % 41) / 41 * 0.3 + a * 0.7);
  }
  return pair;
}

}  // namespace

TEST_CASE("ssim: as scikit-image") {
  // scikit-image 0.19.3, numpy 1.24.2: i = numpy.arange(2 * 3 * 13 * 16.)
  // a = ((i * i) % 37 / 37).reshape(2, 3, 13, 16)
  // b = ((i * i + 5 * i) % 41 / 41).reshape(2, 3, 13, 16) * 0.3 + a * 0.7
  // structural_similarity(a[n], b[n], data_range=R, channel_axis=0, gaussian_weights=True, sigma=1.5,
  //                       use_sample_covariance=False)
  const Images unit = images(1);
  const auto each = ssim_per_image(unit.a, unit.b);
  CHECK(each.shape() == Shape{2});
  CHECK(each[0] == doctest::Approx(0.8914140209635244).epsilon(1e-12));
  CHECK(each[1] == doctest::Approx(0.8586615093384272).epsilon(1e-12));
  const auto wider = ssim_per_image(unit.a, unit.b, 2);
  CHECK(wider[0] == doctest::Approx(0.8932525410354918).epsilon(1e-12));
  CHECK(wider[1] == doctest::Approx(0.8613463823601505).epsilon(1e-12));
  CHECK(ssim(unit.a, unit.b) == doctest::Approx((0.8914140209635244 + 0.8586615093384272) / 2).epsilon(1e-12));
}

TEST_CASE("ssim: depends on values relative to data_range, and not on the order of the two") {
  const Images unit = images(1);
  const Images grey = images(255);
  CHECK(ssim(grey.a, grey.b, 255) == doctest::Approx(ssim(unit.a, unit.b)).epsilon(1e-12));
  CHECK(ssim(unit.b, unit.a) == ssim(unit.a, unit.b));
  CHECK(ssim(cast<float>(unit.a), cast<float>(unit.b)) == doctest::Approx(ssim(unit.a, unit.b)).epsilon(1e-6));
}

TEST_CASE("ssim: two flat images by hand") {
  // Without variance all that is left is (2 m_a m_b + c1) / (m_a^2 + m_b^2 + c1), c1 = 0.0001.
  const auto half = Tensor<double>::full({1, 1, 11, 12}, 0.5);
  const auto quarter = Tensor<double>::full({1, 1, 11, 12}, 0.25);
  CHECK(ssim(half, quarter) == doctest::Approx(0.2501 / 0.3126).epsilon(1e-12));
}

TEST_CASE("ssim: of an image with itself is 1, with its photographic negative below 0") {
  auto image = normal<float>({2, 1, 20, 20}, 1);
  auto negative = image;
  for (Index i = 0; i < image.size(); ++i) {
    image[i] = 0.5F + 0.1F * image[i];
    negative[i] = 1 - image[i];
  }
  CHECK(ssim(image, image) == doctest::Approx(1).epsilon(1e-14));
  CHECK(ssim(image, negative) < -0.5);
}

TEST_CASE("ssim: falls as noise is added") {
  const auto noise = normal({1, 1, 32, 32}, 2);
  auto clean = Tensor<double>::uninitialized(noise.shape());
  for (Index i = 0; i < clean.size(); ++i) {
    clean[i] = 0.5 + 0.4 * std::sin(0.3 * static_cast<double>(i % 32));
  }
  double before = 1;
  for (const double sigma : {0.02, 0.05, 0.1, 0.3}) {
    auto noisy = clean;
    for (Index i = 0; i < noisy.size(); ++i) {
      noisy[i] += sigma * noise[i];
    }
    const double now = ssim(clean, noisy);
    CHECK(now < before);
    before = now;
  }
  CHECK(before > 0);
}

TEST_CASE("ssim: the same bits on any number of threads") {
  const Images unit = images(1);
  CHECK(same_bits_on_any_threads([&] { return ssim_per_image(unit.a, unit.b); }));
}

TEST_CASE("ssim: errors say what was needed and what was got") {
  const auto image = Tensor<float>::zeros({1, 1, 11, 11});
  CHECK_THROWS_WITH_AS(ssim(image, Tensor<float>::zeros({1, 1, 11, 12})),
                       "ssim: need two batches of images [N, C, H, W] of one shape, got [1, 1, 11, 11] and "
                       "[1, 1, 11, 12]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(ssim(Tensor<float>::zeros({11, 11}), Tensor<float>::zeros({11, 11})),
                       "ssim: need two batches of images [N, C, H, W] of one shape, got [11, 11] and [11, 11]",
                       ShapeError);
  const auto small = Tensor<float>::zeros({1, 1, 10, 30});
  CHECK_THROWS_WITH_AS(ssim(small, small), "ssim: need images of at least 11 x 11, got [1, 1, 10, 30]", ShapeError);
  CHECK_THROWS_WITH_AS(ssim(image, image, 0), "ssim: need data_range > 0, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(ssim(image, image, NAN), "ssim: need data_range > 0, got nan", ArgumentError);
  auto bad = image;
  bad[7] = NAN;
  CHECK_THROWS_WITH_AS(ssim(image, bad), "ssim: need finite b, got nan at position 7", ArgumentError);
}
