#include <engram/analysis/median_filter.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using analysis::median_filter;

TEST_CASE("median_filter: as scipy.ndimage.median_filter, also where the window is wider than the image") {
  // scipy 1.10.1: a = ((numpy.arange(20.) * 37 + 11)**2 % 101).reshape(4, 5); median_filter(a, size)
  const auto image =
      Tensor<float>::from({4, 5}, {20, 82, 54, 37, 31, 36, 52, 79, 16, 65, 24, 95, 76, 68, 71, 85, 9, 45, 92, 49});
  CHECK(list(median_filter(image)) ==
        std::vector<float>{36, 54, 54, 37, 31, 36, 54, 68, 65, 65, 36, 52, 68, 68, 65, 85, 45, 68, 68, 68});
  CHECK(list(median_filter(image, 5)) ==
        std::vector<float>{52, 37, 52, 65, 54, 52, 45, 52, 54, 49, 52, 52, 52, 52, 54, 52, 68, 68, 68, 68});
  CHECK(list(median_filter(image, 11)) ==
        std::vector<float>{54, 54, 54, 54, 52, 54, 54, 54, 54, 52, 54, 54, 54, 54, 52, 52, 52, 54, 52, 49});
}

TEST_CASE("median_filter: takes away a single pixel and a thin line, and keeps a straight edge") {
  auto image = Tensor<double>::zeros({1, 1, 7, 8});
  for (Index y = 0; y < 7; ++y) {
    for (Index x = 4; x < 8; ++x) {
      image[y * 8 + x] = 1;
    }
  }
  const auto edge = image;
  image[2 * 8 + 1] = 5;            // a pixel
  for (Index x = 0; x < 4; ++x) {  // a line
    image[5 * 8 + x] = -3;
  }
  CHECK(list(median_filter(image)) == list(edge));
}

TEST_CASE("median_filter: every image by itself, the same bits on any number of threads") {
  const auto images = normal<float>({2, 3, 5, 7}, 1);
  const auto all = median_filter(images, 3);
  CHECK(all.shape() == images.shape());
  for (Index i = 0; i < 6; ++i) {
    const auto one =
        median_filter(Tensor<float>::from({5, 7}, images.elements().subspan(static_cast<std::size_t>(i) * 35, 35)), 3);
    CHECK(std::equal(one.data(), one.data() + 35, all.data() + i * 35));
  }
  CHECK(same_bits_on_any_threads([&] { return median_filter(images, 5); }));
}

TEST_CASE("median_filter: a size of 1 changes nothing, no image is none") {
  const auto image = normal({4, 4}, 2);
  CHECK(list(median_filter(image, 1)) == list(image));
  CHECK(median_filter(Tensor<double>::zeros({0, 4, 4})).shape() == Shape{0, 4, 4});
}

TEST_CASE("median_filter: errors say what was needed and what was got") {
  auto image = Tensor<float>::zeros({5, 5});
  CHECK_THROWS_WITH_AS(median_filter(Tensor<float>::zeros({5})), "median_filter: need images [..., H, W], got [5]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(median_filter(image, 4), "median_filter: need an odd size >= 1, got 4", ArgumentError);
  CHECK_THROWS_WITH_AS(median_filter(image, -3), "median_filter: need an odd size >= 1, got -3", ArgumentError);
  image[6] = INFINITY;
  CHECK_THROWS_WITH_AS(median_filter(image), "median_filter: need finite images, got inf at position 6", ArgumentError);
}
