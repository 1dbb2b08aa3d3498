#include <engram/ops/upsample2d.hpp>

#include <doctest/doctest.h>

#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

constexpr auto bilinear = UpsampleMode::bilinear;

std::vector<double> row(std::initializer_list<double> pixels, const Upsample2dOptions& options) {
  return list(upsample2d(constant({1, 1, 1, std::ssize(pixels)}, pixels), options).value());
}

}  // namespace

TEST_CASE("upsample2d: nearest repeats pixels") {
  const auto x = parameter<float>({1, 1, 2, 2}, {1, 2, 3, 4});
  const auto y = upsample2d(x, {.scale = {1, 2}});
  CHECK(y.shape() == Shape{1, 1, 2, 4});
  CHECK(list(y.value()) == std::vector<float>{1, 1, 2, 2, 3, 3, 4, 4});
  CHECK(list(backward(sum(y * y))[x]) == std::vector<float>{4, 8, 12, 16});
  CHECK(row({1, 2, 3}, {.size = {1, 5}}) == std::vector<double>{1, 1, 2, 2, 3});
  CHECK(row({1, 2, 3, 4, 5}, {.size = {1, 3}}) == std::vector<double>{1, 2, 4});
}

TEST_CASE("upsample2d: bilinear means, the borders' pixels beyond the centres") {
  CHECK(row({0, 4}, {.scale = {1, 2}, .mode = bilinear}) == std::vector<double>{0, 1, 3, 4});
  CHECK(row({0, 8}, {.scale = {1, 4}, .mode = bilinear}) == std::vector<double>{0, 0, 1, 3, 5, 7, 8, 8});
  CHECK(row({0, 2, 4, 6}, {.size = {1, 2}, .mode = bilinear}) == std::vector<double>{1, 5});
  CHECK(row({0, 2, 4, 6}, {.size = {3, 1}, .mode = bilinear}) == std::vector<double>{3, 3, 3});
}

TEST_CASE("upsample2d: with align_corners the corners' centres fall on each other") {
  const auto aligned = [](Index width) {
    return Upsample2dOptions{.size = {1, width}, .mode = bilinear, .align_corners = true};
  };
  CHECK(row({0, 4}, aligned(5)) == std::vector<double>{0, 1, 2, 3, 4});
  CHECK(row({0, 2, 4, 6, 8}, aligned(3)) == std::vector<double>{0, 4, 8});
  CHECK(row({3, 2, 4}, aligned(1)) == std::vector<double>{3});
  CHECK(row({3}, aligned(3)) == std::vector<double>{3, 3, 3});
}

TEST_CASE("upsample2d: the size of the image is itself in every mode") {
  const auto x = random_constant({2, 1, 3, 4}, 1);
  for (const Upsample2dOptions& options :
       {Upsample2dOptions{.scale = 1}, Upsample2dOptions{.size = {3, 4}, .mode = bilinear},
        Upsample2dOptions{.scale = 1, .mode = bilinear, .align_corners = true}}) {
    CHECK(list(upsample2d(x, options).value()) == list(x.value()));
  }
}

TEST_CASE("upsample2d: bilinear keeps a plane of one slope but for the border") {
  auto ramp = Tensor<double>::uninitialized({1, 1, 4, 5});
  for (Index i = 0; i < 20; ++i) {
    ramp[i] = static_cast<double>(10 * (i / 5) + i % 5);
  }
  const auto y = upsample2d(Variable<double>(ramp), {.scale = {2, 4}, .mode = bilinear});
  REQUIRE(y.shape() == Shape{1, 1, 8, 20});
  for (Index row = 1; row < 7; ++row) {
    for (Index column = 2; column < 18; ++column) {
      const double down = (static_cast<double>(row) + 0.5) / 2 - 0.5;
      const double across = (static_cast<double>(column) + 0.5) / 4 - 0.5;
      CHECK(y.value()[row * 20 + column] == doctest::Approx(10 * down + across).epsilon(1e-14));
    }
  }
}

TEST_CASE("upsample2d: gradients match central differences, the derivative is the adjoint") {
  for (const Upsample2dOptions& options :
       {Upsample2dOptions{.scale = {3, 2}}, Upsample2dOptions{.size = {7, 2}},
        Upsample2dOptions{.scale = {2, 3}, .mode = bilinear}, Upsample2dOptions{.size = {3, 9}, .mode = bilinear},
        Upsample2dOptions{.size = {9, 3}, .mode = bilinear, .align_corners = true}}) {
    const auto x = random_parameter({2, 2, 4, 5}, 1);
    const auto check = gradient_check(
        [&](const auto& v) {
          const auto y = upsample2d(v, options);
          return y * y;
        },
        x);
    CHECK_MESSAGE(check.ok(1e-7), check.text());
    const auto y = upsample2d(x, options);
    const auto dy = random_constant(y.shape(), 2);
    CHECK(dot(backward(sum(y * dy))[x], x.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-12));
  }
}

TEST_CASE("upsample2d: an empty batch stays empty") {
  CHECK(upsample2d(zeros({0, 3, 2, 2}), {.scale = 2, .mode = bilinear}).shape() == Shape{0, 3, 4, 4});
}

TEST_CASE("upsample2d: errors name shape and options") {
  const auto x = zeros({1, 1, 2, 2});
  CHECK_THROWS_WITH_AS(upsample2d(zeros({2, 2, 2}), {.scale = 2}),
                       "upsample2d: need x [N, C, H, W] of 1 x 1 pixels or more, got x [2, 2, 2]", ShapeError);
  CHECK_THROWS_AS(upsample2d(zeros({1, 2, 0, 2}), {.scale = 2}), ShapeError);
  CHECK_THROWS_WITH_AS(upsample2d(x, {}),
                       "upsample2d: need either scale or size, 1 or more, got scale (0, 0), size (0, 0)",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(upsample2d(x, {.scale = 2, .size = {4, 0}}),
                       "upsample2d: need either scale or size, 1 or more, got scale (2, 2), size (4, 0)",
                       ArgumentError);
  CHECK_THROWS_AS(upsample2d(x, {.scale = 2, .size = 4}), ArgumentError);
  CHECK_THROWS_AS(upsample2d(x, {.scale = {2, -1}}), ArgumentError);
  CHECK_THROWS_AS(upsample2d(x, {.size = {2, 0}}), ArgumentError);
}
