#include <engram/ops/avg_pool2d.hpp>

#include <doctest/doctest.h>

#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

const AvgPool2dStep pool_steps[] = {
    AvgPool2dStep{}, AvgPool2dStep{.kernel = 3, .stride = 1, .padding = 1},
    AvgPool2dStep{.kernel = 3, .stride = 2, .padding = 1, .count_include_pad = false},
    AvgPool2dStep{.kernel = {2, 3}, .stride = {1, 2}, .padding = {0, 1}, .ceil_mode = true},
    AvgPool2dStep{.kernel = {4, 2}, .stride = 3, .padding = {2, 1}, .ceil_mode = true, .count_include_pad = false}};

Shape average_shape(const Shape& x, const AvgPool2dStep& step) {
  return avg_pool2d(zeros<float>(x), step).shape();
}

/// Gradients by central differences, and the adjoint identity.
template <class F>
void check_linear_map(F f, const Shape& shape) {
  const auto x = random_parameter(shape, 1);
  const auto check = gradient_check([&](const auto& v) { return f(v) * f(v); }, x);
  CHECK_MESSAGE(check.ok(1e-7), check.text());
  const auto y = f(x);
  const auto dy = random_constant(y.shape(), 2);
  CHECK(dot(backward(sum(y * dy))[x], x.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-12));
}

}  // namespace

TEST_CASE("avg_pool2d: 2x2 windows by default, the gradient is shared out") {
  const auto x = parameter<float>({1, 1, 2, 4}, {1, 2, 3, 8, 4, 1, 5, 8});
  const auto y = avg_pool2d(x);
  CHECK(y.shape() == Shape{1, 1, 1, 2});
  CHECK(list(y.value()) == std::vector<float>{2, 6});
  CHECK(list(backward(sum(y * y))[x]) == std::vector<float>{1, 1, 3, 3, 1, 1, 3, 3});
}

TEST_CASE("avg_pool2d: padding counts as zeros, or not at all") {
  const auto x = constant({1, 1, 1, 2}, {6, 12});
  const AvgPool2dStep step{.kernel = {1, 2}, .stride = 1, .padding = {0, 1}};
  CHECK(list(avg_pool2d(x, step).value()) == std::vector<double>{3, 9, 6});
  AvgPool2dStep pixels_only = step;
  pixels_only.count_include_pad = false;
  CHECK(list(avg_pool2d(x, pixels_only).value()) == std::vector<double>{6, 9, 12});
}

TEST_CASE("avg_pool2d: what lies beyond image and padding in ceil mode never counts") {
  const auto x = constant({1, 1, 1, 5}, {1, 3, 5, 7, 9});
  CHECK(list(avg_pool2d(x, {.kernel = {1, 2}, .ceil_mode = true}).value()) == std::vector<double>{2, 6, 9});
  // windows at -1, 1 and 3 of width 3: the last has pixels 7, 9 and one of padding
  const AvgPool2dStep step{.kernel = {1, 3}, .stride = {1, 2}, .padding = {0, 1}, .ceil_mode = true};
  CHECK(largest_difference(avg_pool2d(x, step).value(), std::vector<double>{4 / 3.0, 5, 16 / 3.0}) < 1e-15);
}

TEST_CASE("avg_pool2d: extents follow kernel, stride, padding and ceil_mode") {
  CHECK(average_shape({2, 3, 7, 9}, {}) == Shape{2, 3, 3, 4});
  CHECK(average_shape({2, 3, 7, 9}, {.ceil_mode = true}) == Shape{2, 3, 4, 5});
  CHECK(average_shape({1, 1, 7, 9}, {.kernel = {3, 2}, .stride = {1, 3}}) == Shape{1, 1, 5, 3});
  CHECK(average_shape({1, 1, 7, 9}, {.kernel = 3, .stride = 2, .padding = 1}) == Shape{1, 1, 4, 5});
  CHECK(average_shape({1, 1, 4, 5}, {.kernel = 2, .stride = 3, .padding = 1, .ceil_mode = true}) == Shape{1, 1, 2, 2});
  CHECK(average_shape({0, 3, 4, 4}, {}) == Shape{0, 3, 2, 2});
}

TEST_CASE("avg_pool2d: gradients match central differences, the derivative is the adjoint") {
  for (const auto& step : pool_steps) {
    check_linear_map([&](const auto& x) { return avg_pool2d(x, step); }, {2, 2, 5, 7});
  }
}

TEST_CASE("avg_pool2d: errors name shapes and options") {
  CHECK_THROWS_WITH_AS(average_shape({3, 4, 4}, {}), "avg_pool2d: need x [N, C, H, W], got x [3, 4, 4]", ShapeError);
  CHECK_THROWS_WITH_AS(average_shape({1, 1, 1, 4}, {}), "avg_pool2d: kernel (2, 2) does not fit in x [1, 1, 1, 4]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(average_shape({1, 1, 4, 4}, {.kernel = {3, 2}, .stride = 1, .padding = 2}),
                       "avg_pool2d: need kernel, stride, dilation >= 1 and 0 <= padding <= kernel / 2, got kernel "
                       "(3, 2), stride (1, 1), padding (2, 2), dilation (1, 1)",
                       ArgumentError);
  CHECK_THROWS_AS(average_shape({1, 1, 4, 4}, {.kernel = 0}), ArgumentError);
  CHECK_THROWS_AS(average_shape({1, 1, 4, 4}, {.stride = -1}), ArgumentError);
}

TEST_CASE("adaptive_avg_pool2d: size 1 is the mean of each map") {
  const auto x = constant({1, 2, 1, 3}, {1, 2, 6, 0, 0, 3});
  CHECK(largest_difference(adaptive_avg_pool2d(x, 1).value(), std::vector<double>{3, 1}) < 1e-15);
  CHECK(adaptive_avg_pool2d(x, 1).shape() == Shape{1, 2, 1, 1});
}

TEST_CASE("adaptive_avg_pool2d: windows that cover the image evenly") {
  const auto x = constant({1, 1, 1, 5}, {1, 3, 5, 7, 9});
  const auto along = [&](Index size) { return list(adaptive_avg_pool2d(x, {1, size}).value()); };
  CHECK(along(5) == list(x.value()));
  CHECK(largest_difference(along(2), std::vector<double>{3, 7}) < 1e-14);     // 0..2, 2..4
  CHECK(largest_difference(along(3), std::vector<double>{2, 5, 8}) < 1e-14);  // 0..1, 1..3, 3..4
  CHECK(along(10) == std::vector<double>{1, 1, 3, 3, 5, 5, 7, 7, 9, 9});
  CHECK(adaptive_avg_pool2d(zeros({0, 3, 4, 4}), {2, 3}).shape() == Shape{0, 3, 2, 3});
}

TEST_CASE("adaptive_avg_pool2d: agrees with avg_pool2d where the size divides the image") {
  const auto x = random_constant({2, 3, 6, 8}, 1);
  CHECK(largest_difference(adaptive_avg_pool2d(x, {3, 2}).value(), avg_pool2d(x, {.kernel = {2, 4}}).value()) < 1e-15);
}

TEST_CASE("adaptive_avg_pool2d: gradients match central differences, the derivative is the adjoint") {
  for (const Pair size : {Pair(1), Pair(3, 4), Pair(7, 2)}) {
    check_linear_map([&](const auto& x) { return adaptive_avg_pool2d(x, size); }, {2, 2, 5, 7});
  }
}

TEST_CASE("adaptive_avg_pool2d: errors name shape and size") {
  CHECK_THROWS_WITH_AS(adaptive_avg_pool2d(zeros({1, 2, 0, 3}), 1),
                       "adaptive_avg_pool2d: need x [N, C, H, W] of 1 x 1 pixels or more, got x [1, 2, 0, 3]",
                       ShapeError);
  CHECK_THROWS_AS(adaptive_avg_pool2d(zeros({2, 2, 3}), 1), ShapeError);
  CHECK_THROWS_WITH_AS(adaptive_avg_pool2d(zeros({1, 2, 2, 3}), {1, 0}),
                       "adaptive_avg_pool2d: need a size of 1 x 1 or more, got (1, 0)", ArgumentError);
}
