#include <engram/data/augment/motion.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "support/numbers.hpp"

using namespace engram;
using namespace engram::data;

namespace {

using Row = std::vector<double>;

/// The row 1 2 3 4 shifted to the right.
Row shifted_row(double by, PaddingMode mode, double fill = 0) {
  return list(
      move_images(Tensor<double>::from({1, 4}, {1, 2, 3, 4}), {.shift_x = by}, {.padding_mode = mode, .fill = fill}));
}

bool is(const Linear2& m, double xx, double xy, double yx, double yy) {
  return m.xx == xx && m.xy == xy && m.yx == yx && m.yy == yy;
}

}  // namespace

TEST_CASE("Motion: matrices of whole quarter turns and flips are exact") {
  CHECK(is(Motion{}.linear(), 1, 0, 0, 1));
  CHECK(is(Motion{.degrees = 90}.linear(), 0, -1, 1, 0));
  CHECK(is(Motion{.degrees = -90}.linear(), 0, 1, -1, 0));
  CHECK(is(Motion{.degrees = 540}.linear(), -1, 0, 0, -1));
  CHECK(is(Motion{.quarter_turns = 3}.linear(), 0, 1, -1, 0));
  CHECK(is(Motion{.quarter_turns = -1}.linear(), 0, 1, -1, 0));
  CHECK(is(Motion{.quarter_turns = 3, .degrees = 90}.linear(), 1, 0, 0, 1));
  CHECK(is(Motion{.flip_horizontal = true}.linear(), -1, 0, 0, 1));
  CHECK(is(Motion{.flip_vertical = true}.linear(), 1, 0, 0, -1));
}

TEST_CASE("Motion: flips come before turns") {
  // (1, 0) is flipped to (-1, 0), then turned clockwise by 90 degrees to (0, -1).
  const Linear2 m = Motion{.flip_horizontal = true, .quarter_turns = 1}.linear();
  CHECK(m.xx == 0);
  CHECK(m.yx == -1);
}

TEST_CASE("Motion: 30 degrees") {
  const Linear2 m = Motion{.degrees = 30}.linear();
  CHECK(m.xx == doctest::Approx(std::sqrt(3.0) / 2));
  CHECK(m.xy == doctest::Approx(-0.5));
  CHECK(m.yx == doctest::Approx(0.5));
  CHECK(m.yy == doctest::Approx(std::sqrt(3.0) / 2));
}

TEST_CASE("move_images: what lies outside") {
  CHECK(shifted_row(2, PaddingMode::edge) == Row{1, 1, 1, 2});
  CHECK(shifted_row(-2, PaddingMode::edge) == Row{3, 4, 4, 4});
  CHECK(shifted_row(2, PaddingMode::reflect) == Row{3, 2, 1, 2});
  CHECK(shifted_row(-2, PaddingMode::reflect) == Row{3, 4, 3, 2});
  CHECK(shifted_row(2, PaddingMode::constant, 9) == Row{9, 9, 1, 2});
  CHECK(shifted_row(-2, PaddingMode::constant, 9) == Row{3, 4, 9, 9});
  CHECK(shifted_row(0.5, PaddingMode::edge) == Row{1, 1.5, 2.5, 3.5});
  CHECK(shifted_row(0.5, PaddingMode::reflect) == Row{1.5, 1.5, 2.5, 3.5});
  CHECK(shifted_row(0.5, PaddingMode::constant, 9) == Row{5, 1.5, 2.5, 3.5});
  CHECK(shifted_row(-0.5, PaddingMode::constant, 9) == Row{1.5, 2.5, 3.5, 6.5});
}

TEST_CASE("move_images: shifts far beyond the image") {
  const double far = std::numeric_limits<double>::max();
  for (const double by : {1e3, 1e18, far}) {
    CHECK(shifted_row(by, PaddingMode::edge) == Row{1, 1, 1, 1});
    CHECK(shifted_row(-by, PaddingMode::edge) == Row{4, 4, 4, 4});
    CHECK(shifted_row(by, PaddingMode::constant, 9) == Row{9, 9, 9, 9});
    CHECK(shifted_row(-by, PaddingMode::constant, 9) == Row{9, 9, 9, 9});
    const Row reflected = shifted_row(by, PaddingMode::reflect);
    CHECK(*std::ranges::min_element(reflected) >= 1);
    CHECK(*std::ranges::max_element(reflected) <= 4);
  }
  CHECK(shifted_row(12, PaddingMode::reflect) == Row{1, 2, 3, 4});  // two periods of 6
  const Motion both{.degrees = 45, .shift_x = far, .shift_y = far};
  CHECK(list(move_images(Tensor<double>::full({3, 3}, 1), both)) == Row(9, 1));
}

TEST_CASE("move_images: an image of one pixel, and none") {
  for (const auto mode : {PaddingMode::edge, PaddingMode::reflect}) {
    const auto moved = move_images(Tensor<double>::full({1, 1}, 7), {.degrees = 30, .shift_x = 2.5}, {mode});
    CHECK(list(moved) == Row{7});
  }
  CHECK(move_images(Tensor<float>::zeros({0, 1, 4, 4}), {.degrees = 30}).shape() == Shape{0, 1, 4, 4});
  CHECK(move_images(Tensor<float>::zeros({2, 1, 0, 4}), {.degrees = 30}).shape() == Shape{2, 1, 0, 4});
}

TEST_CASE("move_images: a grey image stays exactly grey") {
  const auto grey = Tensor<float>::full({2, 3, 7, 5}, 0.1F);
  const Motion motion{.flip_vertical = true, .degrees = 33, .shift_x = 1.3, .shift_y = -0.4};
  CHECK(list(move_images(grey, motion)) == list(grey));
  CHECK(list(move_images(grey, motion, {.padding_mode = PaddingMode::reflect})) == list(grey));
}

TEST_CASE("move_images: errors") {
  CHECK_THROWS_WITH_AS(move_images(Tensor<float>::zeros({4}), {}),
                       "move_images: need images [H, W], [C, H, W] or [N, C, H, W], got [4]", ShapeError);
  CHECK_THROWS_WITH_AS(move_images(Tensor<float>::zeros({2, 2}), {.shift_y = NAN}),
                       "move_images: need finite degrees, shift and fill, got nan", ArgumentError);
}
