#include <engram/data/augment/labels.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/numbers.hpp"

using namespace engram;
using namespace engram::data;

namespace {

using Values = std::vector<double>;

}  // namespace

TEST_CASE("moved_angle: turns add, flips mirror, the result lies in [0, 360)") {
  CHECK(moved_angle(30.0, {.degrees = 20}) == 50);
  CHECK(moved_angle(10.0, {.degrees = -20}) == 350);
  CHECK(moved_angle(350.0, {.degrees = 20}) == 10);
  CHECK(moved_angle(300.0, {.quarter_turns = 1}) == 30);
  CHECK(moved_angle(300.0, {.quarter_turns = -1, .degrees = 720}) == 210);
  CHECK(moved_angle(30.0, {.flip_horizontal = true}) == 150);
  CHECK(moved_angle(200.0, {.flip_horizontal = true}) == 340);
  CHECK(moved_angle(30.0, {.flip_vertical = true}) == 330);
  CHECK(moved_angle(0.0, {.flip_vertical = true}) == 0);
  CHECK(moved_angle(30.0, {.flip_horizontal = true, .flip_vertical = true}) == 210);
  CHECK(moved_angle(30.0, {.flip_horizontal = true, .quarter_turns = 1, .degrees = 5}) == 245);
  CHECK(moved_angle(30.0, {.shift_x = 5}) == 30);
}

TEST_CASE("moved_angle: rounding never makes 360, and an unknown angle stays unknown") {
  CHECK(moved_angle(0.0, {.degrees = -1e-20}) == 0);
  CHECK(moved_angle(0.0F, {.degrees = -1e-7}) == 0);
  CHECK(std::isnan(moved_angle(static_cast<double>(NAN), {.degrees = 10})));
  CHECK(moved_angle(-90.0, {.shift_x = 1}) == -90);  // what is not turned is not touched
}

TEST_CASE("move_labels: an angle, a vector, a point and what stays, by hand") {
  // A quarter turn clockwise in a frame of 5 x 5, then 1 to the right and 2 down: (4, 2) is 2 to the right of the
  // centre (2, 2), goes 2 below it to (2, 4), and on to (3, 6).
  const auto labels = Tensor<double>::from({2, 6}, {7, 10, 1, 0, 4, 2,  //
                                                    8, 300, 0, -3, 2, 2});
  const LabelRoles roles{.angles = {1}, .vectors = {{2, 3}}, .points = {{4, 5}}};
  const Motion motion{.quarter_turns = 1, .shift_x = 1, .shift_y = 2};
  CHECK(list(move_labels(labels, roles, motion, 5, 5)) == Values{7, 100, 0, 1, 3, 6,  //
                                                                 8, 30, 3, 0, 3, 4});
  CHECK(list(move_labels(labels, {}, motion, 5, 5)) == list(labels));
  CHECK(list(move_labels(labels, roles, {}, 5, 5)) == list(labels));
}

TEST_CASE("move_labels: flips about the centre of a frame that is not square; (y, x) columns") {
  const auto row = Tensor<double>::from({4}, {1, 2, 3, 4});
  const LabelRoles roles{.vectors = {{1, 0}}, .points = {{3, 2}}};  // vector (2, 1), point (4, 3)
  CHECK(list(move_labels(row, roles, {.flip_horizontal = true}, 10, 20)) == Values{1, -2, 3, 15});
  CHECK(list(move_labels(row, roles, {.flip_vertical = true}, 10, 20)) == Values{-1, 2, 6, 4});
}

TEST_CASE("move_labels: a unit vector turns as its angle does") {
  for (const bool flip : {false, true}) {
    const Motion motion{.flip_vertical = flip, .quarter_turns = 3, .degrees = 12};
    const double radians = moved_angle(77.0, motion) * std::acos(-1.0) / 180;
    const double before = 77 * std::acos(-1.0) / 180;
    const auto row = Tensor<double>::from({2}, {std::cos(before), std::sin(before)});
    const auto moved = move_labels(row, {.vectors = {{0, 1}}}, motion, 5, 5);
    CHECK(moved[0] == doctest::Approx(std::cos(radians)));
    CHECK(moved[1] == doctest::Approx(std::sin(radians)));
  }
}

TEST_CASE("move_labels: errors") {
  const auto row = Tensor<double>::zeros({4});
  CHECK_THROWS_WITH_AS(move_labels(row, {.angles = {4}}, {}, 5, 5), "LabelRoles: need columns in 0..3, got 4",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(move_labels(row, {.vectors = {{0, -1}}}, {}, 5, 5), "LabelRoles: need columns in 0..3, got -1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(move_labels(row, {.angles = {1}, .points = {{1, 2}}}, {}, 5, 5),
                       "LabelRoles: need each column once, got 1 again", ArgumentError);
  CHECK_THROWS_WITH_AS(move_labels(Tensor<double>::zeros({1, 2, 3}), {}, {}, 5, 5),
                       "move_labels: need labels [L] or [N, L], got [1, 2, 3]", ShapeError);
}
