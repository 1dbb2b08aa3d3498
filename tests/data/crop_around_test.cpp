#include <engram/data/crop_around.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

using namespace engram;
using data::crop_around;

namespace {

/// Pixel (x, y) is 10 y + x.
Tensor<std::uint8_t> plane(Index height = 10, Index width = 10) {
  auto frame = Tensor<std::uint8_t>::uninitialized({height, width});
  for (Index i = 0; i < frame.size(); ++i) {
    frame[i] = static_cast<std::uint8_t>(10 * (i / width) + i % width);
  }
  return frame;
}

}  // namespace

TEST_CASE("crop_around: pixels are copied from the closest whole place") {
  const auto even = crop_around(plane(), 4.6, 5.4, 0, {.size = 4});  // middle between pixels: (4.5, 5.5)
  REQUIRE(even.shape() == Shape{4, 4});
  for (Index i = 0; i < 16; ++i) {
    CHECK(even[i] == 10 * (4 + i / 4) + 3 + i % 4);
  }
  const auto odd = crop_around(plane(), 4.4, 5.4, 0, {.size = 3});
  CHECK(odd[0] == 43);
  CHECK(odd[4] == 54);
}

TEST_CASE("crop_around: beyond the frame its edge goes on, or a value") {
  const auto edge = crop_around(plane(), 0, 0, 0, {.size = 3});
  CHECK(edge[0] == 0);
  CHECK(edge[2] == 1);
  CHECK(edge[6] == 10);
  const data::CropOptions black{.size = 3, .outside = {.padding_mode = data::PaddingMode::constant, .fill = 99}};
  const auto filled = crop_around(plane(), 0, 0, 0, black);
  CHECK(filled[0] == 99);
  CHECK(filled[4] == 0);
  CHECK(filled[5] == 1);
  const auto far = crop_around(plane(), 1e6, -1e6, 0, {.size = 2});
  CHECK(std::ranges::all_of(far.elements(), [](std::uint8_t pixel) { return pixel == 9; }));
}

TEST_CASE("crop_around: a direction is turned to the right") {
  // From the pixel (5, 5), what lies below it comes to lie to its right.
  const auto turned = crop_around(plane(), 5, 5, 90, {.size = 3});
  CHECK(turned[4] == 55);
  CHECK(turned[5] == 65);  // was below
  CHECK(turned[1] == 56);  // was to the right, is above: the frame turns counterclockwise
  const auto half = crop_around(plane(), 5, 5, 180, {.size = 3});
  CHECK(half[5] == 54);
}

TEST_CASE("crop_around: a larger window is averaged, a smaller one interpolated") {
  const auto halved = crop_around(plane(), 4.5, 4.5, 0, {.size = 2, .window = 4});
  CHECK(halved[0] == 39);  // mean of 33, 34, 43 and 44: 38.5
  // Checkers of 0 and 200 become grey everywhere.
  auto checkers = Tensor<std::uint8_t>::uninitialized({20, 20});
  for (Index i = 0; i < checkers.size(); ++i) {
    checkers[i] = (i / 20 + i % 20) % 2 == 0 ? 0 : 200;
  }
  const auto grey = crop_around(checkers, 9.5, 9.5, 0, {.size = 5, .window = 10});
  CHECK(std::ranges::all_of(grey.elements(), [](std::uint8_t pixel) { return pixel == 100; }));
  const auto doubled = crop_around(plane(), 4.5, 4.5, 0, {.size = 4, .window = 2});
  CHECK(doubled[5] == 47);  // at (4.25, 4.25): 46.75
}

TEST_CASE("crop_around: says what it needs") {
  CHECK_THROWS_WITH_AS(crop_around(Tensor<std::uint8_t>::zeros({2, 3, 4}), 0, 0, 0, {}),
                       "crop_around: need a frame [H, W], got [2, 3, 4]", ShapeError);
  CHECK_THROWS_WITH_AS(crop_around(plane(), 0, 0, 0, {.size = 0}),
                       "crop_around: need size >= 1 and window >= 0, got 0 and 0", ArgumentError);
  CHECK_THROWS_WITH_AS(crop_around(plane(), std::numeric_limits<double>::quiet_NaN(), 0, 0, {}),
                       "crop_around: need a finite place and direction, got (nan, 0) and 0", ArgumentError);
}
