#include <engram/ops/pad.hpp>

#include <doctest/doctest.h>

#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/same_bits.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

constexpr PadMode modes[] = {PadMode::constant, PadMode::reflect, PadMode::replicate, PadMode::circular};

std::vector<double> padded_row(const Padding2d& padding, PadMode mode, double value = 0) {
  return list(pad(constant({1, 4}, {1, 2, 3, 4}), padding, mode, value).value());
}

}  // namespace

TEST_CASE("pad: the four modes along a row") {
  CHECK(padded_row({2, 1, 0, 0}, PadMode::constant) == std::vector<double>{0, 0, 1, 2, 3, 4, 0});
  CHECK(padded_row({2, 1, 0, 0}, PadMode::constant, 7) == std::vector<double>{7, 7, 1, 2, 3, 4, 7});
  CHECK(padded_row({3, 2, 0, 0}, PadMode::reflect) == std::vector<double>{4, 3, 2, 1, 2, 3, 4, 3, 2});
  CHECK(padded_row({2, 5, 0, 0}, PadMode::replicate) == std::vector<double>{1, 1, 1, 2, 3, 4, 4, 4, 4, 4, 4});
  CHECK(padded_row({4, 1, 0, 0}, PadMode::circular) == std::vector<double>{1, 2, 3, 4, 1, 2, 3, 4, 1});
}

TEST_CASE("pad: left, right, top and bottom, corners included") {
  const auto x = constant<float>({1, 1, 2, 2}, {1, 2, 3, 4});
  const auto y = pad(x, {1, 0, 0, 1}, PadMode::reflect);
  CHECK(y.shape() == Shape{1, 1, 3, 3});
  CHECK(list(y.value()) == std::vector<float>{2, 1, 2, 4, 3, 4, 2, 1, 2});
  CHECK(list(pad(x, 1).value()) == std::vector<float>{0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0});
}

TEST_CASE("Padding2d::to_multiple: both sides alike, an odd pixel more at the right and the bottom") {
  const auto sides = [](const Padding2d& p) { return std::vector<Index>{p.left, p.right, p.top, p.bottom}; };
  CHECK(sides(Padding2d::to_multiple(10, 13, 8)) == std::vector<Index>{1, 2, 3, 3});
  CHECK(sides(Padding2d::to_multiple(13, 10, 8)) == std::vector<Index>{3, 3, 1, 2});
  CHECK(sides(Padding2d::to_multiple(16, 8, 8)) == std::vector<Index>{0, 0, 0, 0});
}

TEST_CASE("pad: any number of leading axes, each plane on its own") {
  const auto x = random_constant({2, 3, 2, 3}, 1);
  const auto y = pad(x, {1, 2, 1, 0}, PadMode::circular);
  CHECK(y.shape() == Shape{2, 3, 3, 6});
  CHECK(pad(zeros({5, 2, 3}), 1).shape() == Shape{5, 4, 5});
  bool same = true;
  for (Index plane = 0; plane < 6; ++plane) {
    for (Index row = 0; row < 3; ++row) {
      for (Index column = 0; column < 6; ++column) {
        same = same && y.value()[(plane * 3 + row) * 6 + column] ==
                           x.value()[(plane * 2 + (row + 1) % 2) * 3 + (column + 2) % 3];
      }
    }
  }
  CHECK(same);
}

TEST_CASE("pad: the gradient of a pixel sums over its copies") {
  const auto x = parameter({1, 3}, {1, 2, 3});
  CHECK(list(backward(sum(pad(x, {2, 0, 0, 0})))[x]) == std::vector<double>{1, 1, 1});
  CHECK(list(backward(sum(pad(x, {2, 1, 0, 0}, PadMode::reflect)))[x]) == std::vector<double>{1, 3, 2});
  CHECK(list(backward(sum(pad(x, {2, 1, 1, 0}, PadMode::replicate)))[x]) == std::vector<double>{6, 2, 4});
  CHECK(list(backward(sum(pad(x, {2, 1, 0, 0}, PadMode::circular)))[x]) == std::vector<double>{2, 2, 2});
}

TEST_CASE("pad: gradients match central differences, the derivative is the adjoint") {
  for (const PadMode mode : modes) {
    const auto padded = [=](const auto& x) { return pad(x, {2, 1, 0, 3}, mode); };
    const auto x = random_parameter({2, 1, 4, 3}, 1);
    const auto check = gradient_check(
        [&](const auto& v) {
          const auto y = padded(v);
          return y * y;
        },
        x);
    CHECK_MESSAGE(check.ok(1e-7), check.text());
    const auto y = padded(x);
    const auto dy = random_constant(y.shape(), 2);
    CHECK(dot(backward(sum(y * dy))[x], x.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-12));
  }
}

TEST_CASE("pad: the same bits on any number of threads") {
  for (const PadMode mode : modes) {
    const auto x = random_parameter<float>({19, 3, 5, 7}, 1);
    const auto dy = random_constant<float>({19, 3, 9, 11}, 2);
    CHECK(same_bits_on_any_threads([&] { return pad(x, 2, mode).value(); }));
    CHECK(same_bits_on_any_threads([&] { return backward(sum(pad(x, 2, mode) * dy))[x]; }));
  }
}

TEST_CASE("pad: no images, no pixels and no padding") {
  for (const PadMode mode : modes) {
    CHECK(pad(zeros({0, 3, 2, 2}), 1, mode).shape() == Shape{0, 3, 4, 4});
    CHECK(list(pad(constant({1, 2}, {1, 2}), 0, mode).value()) == std::vector<double>{1, 2});
  }
  CHECK(list(pad(zeros({1, 0, 1}), {0, 1, 1, 0}, PadMode::constant, 5).value()) == std::vector<double>{5, 5});
  CHECK(pad(zeros({2, 0, 0}), 0).shape() == Shape{2, 0, 0});
}

TEST_CASE("pad: errors name the padding and the shape") {
  CHECK_THROWS_WITH_AS(pad(zeros({4}), 1), "pad: need x [..., H, W], got x [4]", ShapeError);
  CHECK_THROWS_WITH_AS(pad(zeros({1, 3, 4}), {4, 1, 2, 0}, PadMode::reflect),
                       "pad: need padding >= 0, and less than the image for reflect or at most the image for circular, "
                       "got left 4, right 1, top 2, bottom 0 and x [1, 3, 4]",
                       ArgumentError);
  CHECK_THROWS_AS(pad(zeros({3, 4}), {0, 0, 0, 3}, PadMode::reflect), ArgumentError);
  CHECK_THROWS_AS(pad(zeros({3, 4}), {0, 5, 0, 0}, PadMode::circular), ArgumentError);
  CHECK_THROWS_AS(pad(zeros({3, 4}), {0, 0, 4, 0}, PadMode::circular), ArgumentError);
  CHECK_THROWS_AS(pad(zeros({0, 4}), 1, PadMode::replicate), ArgumentError);
  CHECK_THROWS_AS(pad(zeros({3, 4}), {0, 0, -1, 0}), ArgumentError);
}
