#include <engram/data/augment/pixels.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using namespace engram::data;

namespace {

using Values = std::vector<double>;

/// 4 x 4 ones with a square cut out.
Values holed(Index x, Index y, Index size) {
  return list(cut_out(Tensor<double>::full({4, 4}, 1), x, y, size));
}

}  // namespace

TEST_CASE("adjust_brightness: adds, and clips nothing") {
  const auto image = Tensor<double>::from({1, 3}, {0, 0.5, 1});
  CHECK(list(adjust_brightness(image, 0.25)) == Values{0.25, 0.75, 1.25});
  CHECK(list(adjust_brightness(image, -0.5)) == Values{-0.5, 0, 0.5});
}

TEST_CASE("adjust_contrast: about the mean of all channels of each image") {
  const auto images = Tensor<double>::from({2, 2, 1, 2}, {0, 1, 2, 5, 10, 10, 10, 14});  // means 2 and 11
  CHECK(list(adjust_contrast(images, 2)) == Values{-2, 0, 2, 8, 9, 9, 9, 17});
  CHECK(list(adjust_contrast(images, 0)) == Values{2, 2, 2, 2, 11, 11, 11, 11});
  CHECK(list(adjust_contrast(images, 1)) == list(images));
  CHECK(list(adjust_contrast(images.reshaped({4, 1, 2}), 0)) == Values(8, 6.5));  // one image of four channels
}

TEST_CASE("add_noise: mean 0 and the standard deviation, white") {
  const Index size = 200 * 200;
  const auto noise = add_noise(Tensor<double>::full({200, 200}, 0.5), 0.1, Rng(3));
  double mean = 0;
  double square = 0;
  double neighbours = 0;
  for (Index i = 0; i < size; ++i) {
    mean += (noise[i] - 0.5) / static_cast<double>(size);
    square += std::pow(noise[i] - 0.5, 2) / static_cast<double>(size);
    neighbours += (noise[i] - 0.5) * (noise[(i + 1) % size] - 0.5) / static_cast<double>(size);
  }
  CHECK(std::abs(mean) < 0.002);  // 4 standard errors
  CHECK(std::sqrt(square) == doctest::Approx(0.1).epsilon(0.015));
  CHECK(std::abs(neighbours) < 0.0002);
}

TEST_CASE("add_noise: image i has noise of its own, whatever the batch's size") {
  const auto three = add_noise(Tensor<float>::zeros({3, 1, 4, 4}), 1, Rng(5));
  const auto two = add_noise(Tensor<float>::zeros({2, 1, 4, 4}), 1, Rng(5));
  CHECK(std::equal(two.data(), two.data() + two.size(), three.data()));
  CHECK(three[0] != three[16]);
  CHECK(three[16] != three[32]);
  CHECK(list(add_noise(Tensor<float>::zeros({3, 1, 4, 4}), 1, Rng(6))) != list(three));
  CHECK(list(add_noise(three, 0, Rng(5))) == list(three));
  const auto image = Tensor<float>::zeros({9, 1, 8, 8});
  CHECK(same_bits_on_any_threads([&] { return add_noise(image, 1, Rng(5)); }));
}

TEST_CASE("cut_out: squares of odd and even size") {
  CHECK(holed(1, 1, 3) == Values{0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1});
  CHECK(holed(2, 1, 2) == Values{1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  CHECK(holed(3, 2, 1) == Values{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 1});
  CHECK(holed(2, 2, 0) == Values(16, 1));
}

TEST_CASE("cut_out: sticks out of the image") {
  CHECK(holed(0, 3, 3) == Values{1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1});
  CHECK(holed(4, -1, 3) == Values{1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  CHECK(holed(9, 9, 3) == Values(16, 1));
  CHECK(holed(1, 1, 100) == Values(16, 0));
  const Index far = std::numeric_limits<Index>::max();
  CHECK(holed(far, -far, 3) == Values(16, 1));
  CHECK(holed(0, 0, far) == Values(16, 0));
}

TEST_CASE("cut_out: all channels of all images, with a fill") {
  const auto holed = cut_out(Tensor<double>::zeros({2, 3, 5, 5}), 2, 2, 3, 0.5);
  CHECK(std::ranges::count(holed.elements(), 0.5) == 2 * 3 * 9);
  CHECK(holed[5 * 25 + 12] == 0.5);
}

TEST_CASE("pixels: errors") {
  const auto image = Tensor<double>::zeros({2, 2});
  const auto row = Tensor<double>::zeros({3});
  CHECK_THROWS_WITH_AS(adjust_brightness(image, NAN), "adjust_brightness: need a finite amount, got nan",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(adjust_contrast(image, -0.5), "adjust_contrast: need a factor >= 0 and finite, got -0.5",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(add_noise(image, -1, Rng(0)), "add_noise: need a deviation >= 0 and finite, got -1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(cut_out(image, 0, 0, -1), "cut_out: need a size >= 0, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(cut_out(image, 0, 0, 1, INFINITY), "cut_out: need a finite fill, got inf", ArgumentError);
  CHECK_THROWS_WITH_AS(adjust_contrast(row, 1),
                       "adjust_contrast: need images [H, W], [C, H, W] or [N, C, H, W], got [3]", ShapeError);
  CHECK_THROWS_AS(adjust_brightness(row, 1), ShapeError);
  CHECK_THROWS_AS(add_noise(row, 1, Rng(0)), ShapeError);
  CHECK_THROWS_AS(cut_out(row, 0, 0, 1), ShapeError);
}
