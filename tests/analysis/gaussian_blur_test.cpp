#include <engram/analysis/gaussian_blur.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/random_tensor.hpp"

using namespace engram;
using analysis::gaussian_blur;

TEST_CASE("gaussian_blur: as scipy.ndimage.gaussian_filter, also where the kernel is wider than the image") {
  // scipy 1.10.1: gaussian_filter((numpy.arange(20.).reshape(4, 5)**2) % 7, sigma)
  const auto image = Tensor<double>::from({4, 5}, {0, 1, 4, 2, 2, 4, 1, 0, 1, 4, 2, 2, 4, 1, 0, 1, 4, 2, 2, 4});
  const std::vector<double> narrow{1.0843678398642687, 1.4961311592682929, 2.201542670397429,  2.184306396031385,
                                   2.285635938536187,  2.168084108065204,  1.7421898891273448, 1.676244857477561,
                                   1.759007574753506,  2.2429949961029836, 2.192837013777777,  2.2830356429959586,
                                   2.1860233635780357, 1.7660324430193386, 1.80126637560668,   1.8715444981705422,
                                   2.6421045692866425, 2.499271637181293,  2.2490419462586173, 2.668337080500966};
  const std::vector<double> wide{2.000736956680811,  2.0123005801378944, 2.030975697357949,  2.0495939880543976,
                                 2.061052914928878,  2.013752174260863,  2.024608426323087,  2.0421388305477737,
                                 2.0596100165106455, 2.0703582535124667, 2.0321711132820095, 2.0420305882139833,
                                 2.057948020234722,  2.0738029413857433, 2.083549854788117,  2.0451897033134028,
                                 2.0543450983542155, 2.069123103442447,  2.083836153760496,  2.092875584910102};
  const auto narrow_blur = gaussian_blur(image, 0.8);
  const auto wide_blur = gaussian_blur(image, 3);
  for (Index i = 0; i < 20; ++i) {
    CHECK(std::abs(narrow_blur[i] - narrow[static_cast<std::size_t>(i)]) < 1e-14);
    CHECK(std::abs(wide_blur[i] - wide[static_cast<std::size_t>(i)]) < 1e-14);
  }
}

TEST_CASE("gaussian_blur: every image by itself, any number of leading axes, the same bits on any threads") {
  const auto images = normal<float>({2, 3, 5, 7}, 1);
  const auto all = gaussian_blur(images, 1.5);
  CHECK(all.shape() == images.shape());
  for (Index i = 0; i < 6; ++i) {
    const auto one = gaussian_blur(
        Tensor<float>::from({5, 7}, images.elements().subspan(static_cast<std::size_t>(i) * 35, 35)), 1.5);
    CHECK(std::equal(one.data(), one.data() + 35, all.data() + i * 35));
  }
  for (const int threads : {1, 3}) {
    const ThreadScope scope(threads);
    CHECK(std::ranges::equal(gaussian_blur(images, 1.5).elements(), all.elements()));
  }
}

TEST_CASE("gaussian_blur: keeps a constant image and the mean of any") {
  const auto flat = gaussian_blur(Tensor<double>::full({1, 9}, 3), 2);
  for (const double value : flat.elements()) {
    CHECK(value == doctest::Approx(3).epsilon(1e-14));
  }
  const auto image = normal({8, 8}, 2);
  double before = 0;
  double after = 0;
  const auto blurred = gaussian_blur(image, 2);
  for (Index i = 0; i < 64; ++i) {
    before += image[i];
    after += blurred[i];
  }
  CHECK(after == doctest::Approx(before).epsilon(1e-12));
}

TEST_CASE("gaussian_blur: a sigma of 0 or next to it changes nothing, no image is none") {
  const auto image = normal({4, 4}, 3);
  for (const double sigma : {0.0, 1e-300, 1e-160, 0.1}) {
    CHECK(std::ranges::equal(gaussian_blur(image, sigma).elements(), image.elements()));
  }
  CHECK(gaussian_blur(Tensor<double>::zeros({0, 4, 4}), 1).shape() == Shape{0, 4, 4});
}

TEST_CASE("gaussian_blur: needs two axes and a sigma") {
  CHECK_THROWS_WITH_AS(gaussian_blur(Tensor<float>::zeros({5}), 1), "gaussian_blur: need images [..., H, W], got [5]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(gaussian_blur(Tensor<float>::zeros({5, 5}), -1), "gaussian_blur: need sigma >= 0, got -1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(gaussian_blur(Tensor<float>::zeros({5, 5}), NAN), "gaussian_blur: need sigma >= 0, got nan",
                       ArgumentError);
}
