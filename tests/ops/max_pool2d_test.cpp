#include <engram/ops/max_pool2d.hpp>

#include <doctest/doctest.h>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"

using namespace engram;

namespace {

Shape maxima_shape(const Shape& x, const Pool2dStep& step) {
  return max_pool2d(Variable<float>(Tensor<float>::zeros(x)), step).shape();
}

}  // namespace

TEST_CASE("max_pool2d: 2x2 windows by default, the gradient goes to the winners") {
  const auto x = Variable<float>::parameter(Tensor<float>::from({1, 1, 2, 4}, {1, 2, 3, 8, 4, 0, 5, 6}));
  const auto y = max_pool2d(x);
  CHECK(y.shape() == Shape{1, 1, 1, 2});
  CHECK(list(y.value()) == std::vector<float>{4, 8});
  CHECK(list(backward(sum(y * y))[x]) == std::vector<float>{0, 0, 0, 16, 8, 0, 0, 0});
}

TEST_CASE("max_pool2d: extents follow kernel, stride, padding, dilation and ceil_mode") {
  CHECK(maxima_shape({2, 3, 7, 9}, {}) == Shape{2, 3, 3, 4});
  CHECK(maxima_shape({2, 3, 7, 9}, {.ceil_mode = true}) == Shape{2, 3, 4, 5});
  CHECK(maxima_shape({1, 1, 7, 9}, {.kernel = {3, 2}, .stride = {1, 3}}) == Shape{1, 1, 5, 3});
  CHECK(maxima_shape({1, 1, 7, 9}, {.kernel = 3, .stride = 2, .padding = 1}) == Shape{1, 1, 4, 5});
  CHECK(maxima_shape({1, 1, 7, 9}, {.kernel = 3, .stride = 1, .dilation = 3}) == Shape{1, 1, 1, 3});
}

TEST_CASE("max_pool2d: in ceil mode a window may begin in the image, not in the padding after it") {
  CHECK(maxima_shape({1, 1, 4, 5}, {.kernel = 2, .stride = 3, .padding = 1, .ceil_mode = true}) == Shape{1, 1, 2, 2});
  CHECK(maxima_shape({1, 1, 1, 1}, {.kernel = 2, .ceil_mode = true}) ==
        Shape{1, 1, 1, 1});  // as PyTorch's formula has it
  CHECK(maxima_shape({1, 1, 1, 5}, {.kernel = {1, 2}, .stride = {1, 4}, .ceil_mode = true}) == Shape{1, 1, 1, 2});
}

TEST_CASE("max_pool2d: gradients match central differences") {
  for (const Pool2dStep& step :
       {Pool2dStep{}, Pool2dStep{.kernel = 3, .stride = 1, .padding = 1}, Pool2dStep{.ceil_mode = true},
        Pool2dStep{.kernel = {2, 3}, .stride = {1, 2}, .padding = {0, 1}, .dilation = {2, 1}}}) {
    const auto check = gradient_check(
        [&](const auto& x) {
          const auto y = max_pool2d(x, step);
          return y * y;
        },
        Variable<double>(normal({2, 2, 5, 7}, 1)));
    CHECK_MESSAGE(check.ok(1e-7), check.text());
  }
}

TEST_CASE("max_pool2d: an empty batch stays empty") {
  CHECK(maxima_shape({0, 3, 4, 4}, {}) == Shape{0, 3, 2, 2});
}

TEST_CASE("max_pool2d: errors name shapes and options") {
  CHECK_THROWS_WITH_AS(maxima_shape({3, 4, 4}, {}), "max_pool2d: need x [N, C, H, W], got x [3, 4, 4]", ShapeError);
  CHECK_THROWS_WITH_AS(maxima_shape({1, 1, 1, 4}, {}), "max_pool2d: kernel (2, 2) does not fit in x [1, 1, 1, 4]",
                       ShapeError);
  CHECK_THROWS_WITH_AS(maxima_shape({1, 1, 0, 4}, {.kernel = 2, .padding = 1}),
                       "max_pool2d: kernel (2, 2) does not fit in x [1, 1, 0, 4]", ShapeError);
  CHECK_THROWS_WITH_AS(maxima_shape({1, 1, 4, 4}, {.kernel = {3, 2}, .stride = 1, .padding = 2}),
                       "max_pool2d: need kernel, stride, dilation >= 1 and 0 <= padding <= kernel / 2, got kernel "
                       "(3, 2), stride (1, 1), padding (2, 2), dilation (1, 1)",
                       ArgumentError);
  CHECK_THROWS_AS(maxima_shape({1, 1, 4, 4}, {.kernel = 0}), ArgumentError);
  CHECK_THROWS_AS(maxima_shape({1, 1, 4, 4}, {.stride = -1}), ArgumentError);
  CHECK_THROWS_AS(maxima_shape({1, 1, 4, 4}, {.dilation = 0}), ArgumentError);
  CHECK_THROWS_WITH_AS(maxima_shape({0, 1, 65536, 32768}, {}),
                       "max_pool2d: need images of less than 2^31 pixels, got x [0, 1, 65536, 32768]", ShapeError);
}
