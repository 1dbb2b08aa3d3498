#include <engram/data/augment/geometry.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::data;

namespace {

using Values = std::vector<double>;

Tensor<double> three_by_three() {
  return Tensor<double>::from({3, 3}, {1, 2, 3,  //
                                       4, 5, 6,  //
                                       7, 8, 9});
}

/// Waves that are long compared with a pixel: what bilinear resampling can follow.
Tensor<double> smooth(Index size) {
  auto image = Tensor<double>::uninitialized({size, size});
  for (Index i = 0; i < image.size(); ++i) {
    const auto x = static_cast<double>(i % size);
    const auto y = static_cast<double>(i / size);
    image[i] = std::sin(0.21 * x + 0.1 * y) + std::cos(0.05 * x - 0.17 * y);
  }
  return image;
}

}  // namespace

TEST_CASE("shift: whole pixels to the right and down") {
  CHECK(list(shift(three_by_three(), 1, 0)) == Values{1, 1, 2, 4, 4, 5, 7, 7, 8});
  CHECK(list(shift(three_by_three(), 0, 1)) == Values{1, 2, 3, 1, 2, 3, 4, 5, 6});
  CHECK(list(shift(three_by_three(), -1, -1, {.padding_mode = PaddingMode::constant})) ==
        Values{5, 6, 0, 8, 9, 0, 0, 0, 0});
}

TEST_CASE("shift: parts of pixels are interpolated along both axes") {
  // The pixel at (1, 1) reads (0.75, 0.5): rows 0 and 1 at x = 0.75 are 1.75 and 4.75.
  const auto moved = shift(three_by_three(), 0.25, 0.5);
  CHECK(moved[4] == doctest::Approx(3.25));
  CHECK(moved[0] == doctest::Approx(1));
  CHECK(moved[8] == doctest::Approx(7.25));
}

TEST_CASE("rotate: a quarter turn is clockwise and exact") {
  CHECK(list(rotate(three_by_three(), 90)) == Values{7, 4, 1, 8, 5, 2, 9, 6, 3});
  CHECK(list(rotate(three_by_three(), -90)) == Values{3, 6, 9, 2, 5, 8, 1, 4, 7});
  CHECK(list(rotate(three_by_three(), 180)) == Values{9, 8, 7, 6, 5, 4, 3, 2, 1});
}

TEST_CASE("rotate: multiples of 90 degrees are quarter_turns, on square images") {
  const auto images = normal<float>({2, 3, 8, 8}, 1);
  for (const Index turns : {-5, -1, 0, 1, 2, 3, 4, 7}) {
    CHECK(list(rotate(images, 90 * static_cast<double>(turns))) == list(quarter_turns(images, turns)));
  }
  CHECK(largest_difference(rotate(images, 90 + 1e-9), quarter_turns(images, 1)) < 1e-6);
}

TEST_CASE("rotate: by 45 degrees, a pixel right of the centre reads up and to the right of it") {
  // The centre's right neighbour is turned to lie down and right of it; the pixel itself reads the point at
  // (1 + 1/sqrt 2, 1 - 1/sqrt 2), where the plane x + 3 y + 1 has the value 5 + (1 - 3) / sqrt 2.
  CHECK(rotate(three_by_three(), 45)[5] == doctest::Approx(5 - std::sqrt(2.0)));
}

TEST_CASE("rotate: an image that is not square keeps its shape and its centre") {
  const auto image = Tensor<double>::from({1, 3}, {1, 2, 3});
  CHECK(list(rotate(image, 90)) == Values{2, 2, 2});
  CHECK(list(rotate(image, 180)) == Values{3, 2, 1});
}

TEST_CASE("rotate: there and back leaves the middle of an image") {
  const auto image = smooth(32);
  for (const double degrees : {17.0, 45.0, 100.0, 179.0}) {
    const auto back = rotate(rotate(image, degrees), -degrees);
    double worst = 0;
    for (Index i = 0; i < image.size(); ++i) {
      const double x = static_cast<double>(i % 32) - 15.5;
      const double y = static_cast<double>(i / 32) - 15.5;
      if (std::hypot(x, y) < 13) {
        worst = std::max(worst, std::abs(back[i] - image[i]));
      }
    }
    CHECK(worst < 0.03);
    CHECK(largest_difference(rotate(image, degrees), image) > 0.3);
  }
}

TEST_CASE("flip_horizontal, flip_vertical: each channel of each image") {
  CHECK(list(flip_horizontal(three_by_three())) == Values{3, 2, 1, 6, 5, 4, 9, 8, 7});
  CHECK(list(flip_vertical(three_by_three())) == Values{7, 8, 9, 4, 5, 6, 1, 2, 3});
  const auto images = Tensor<double>::from({2, 2, 1, 2}, {1, 2, 3, 4, 5, 6, 7, 8});
  CHECK(list(flip_horizontal(images)) == Values{2, 1, 4, 3, 6, 5, 8, 7});
  CHECK(list(flip_vertical(images)) == list(images));
}

TEST_CASE("flips: two of them are none, both are half a turn") {
  const auto images = normal({3, 2, 5, 4}, 2);
  CHECK(list(flip_horizontal(flip_horizontal(images))) == list(images));
  CHECK(list(flip_vertical(flip_vertical(images))) == list(images));
  CHECK(list(flip_vertical(flip_horizontal(images))) == list(quarter_turns(images, 2)));
}

TEST_CASE("quarter_turns: height and width change places") {
  const auto image = Tensor<double>::from({2, 3}, {1, 2, 3,  //
                                                   4, 5, 6});
  const auto clockwise = quarter_turns(image, 1);
  CHECK(clockwise.shape() == Shape{3, 2});
  CHECK(list(clockwise) == Values{4, 1, 5, 2, 6, 3});
  CHECK(list(quarter_turns(image, -1)) == Values{3, 6, 2, 5, 1, 4});
  CHECK(list(quarter_turns(image, 2)) == Values{6, 5, 4, 3, 2, 1});
  CHECK(list(quarter_turns(image, 5)) == list(clockwise));
  CHECK(list(quarter_turns(clockwise, 3)) == list(image));
  CHECK(quarter_turns(normal({2, 3, 4, 5}, 1), 3).shape() == Shape{2, 3, 5, 4});
}

TEST_CASE("geometry: the same bits on any number of threads") {
  const auto images = normal<float>({13, 2, 9, 7}, 3);
  CHECK(same_bits_on_any_threads([&] { return rotate(images, 23.4); }));
  CHECK(same_bits_on_any_threads([&] { return shift(images, 0.3, -1.7); }));
  CHECK(same_bits_on_any_threads([&] { return quarter_turns(images, 1); }));
}

TEST_CASE("geometry: errors") {
  const auto image = three_by_three();
  const auto row = Tensor<double>::zeros({3});
  CHECK_THROWS_WITH_AS(shift(image, INFINITY, 0), "shift: need finite pixels, got inf and 0", ArgumentError);
  CHECK_THROWS_WITH_AS(rotate(image, NAN), "rotate: need finite degrees, got nan", ArgumentError);
  CHECK_THROWS_WITH_AS(shift(row, 1, 1), "shift: need images [H, W], [C, H, W] or [N, C, H, W], got [3]", ShapeError);
  CHECK_THROWS_WITH_AS(rotate(row, 1), "rotate: need images [H, W], [C, H, W] or [N, C, H, W], got [3]", ShapeError);
  CHECK_THROWS_WITH_AS(flip_horizontal(row), "flip_horizontal: need images [H, W], [C, H, W] or [N, C, H, W], got [3]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(flip_vertical(row), "flip_vertical: need images [H, W], [C, H, W] or [N, C, H, W], got [3]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(quarter_turns(Tensor<double>::zeros({1, 1, 1, 1, 1}), 1),
                       "quarter_turns: need images [H, W], [C, H, W] or [N, C, H, W], got [1, 1, 1, 1, 1]", ShapeError);
}
