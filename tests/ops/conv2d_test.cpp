#include <engram/ops/conv2d.hpp>

#include <doctest/doctest.h>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/random_tensor.hpp"

using namespace engram;

TEST_CASE("conv2d: a 2x2 filter over a 3x3 image") {
  const Variable<double> x(Tensor<double>::from({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}));
  const Variable<double> w(Tensor<double>::from({1, 1, 2, 2}, {1, 10, 100, 1000}));
  const Variable<double> b(Tensor<double>::from({1}, {0.5}));
  const auto y = conv2d(x, w, b);
  CHECK(y.shape() == Shape{1, 1, 2, 2});
  CHECK(y.value()[0] == 5421.5);
  CHECK(y.value()[3] == 9865.5);
}

TEST_CASE("conv2d: gradients match central differences") {
  for (const Conv2dStep& step : {Conv2dStep{}, Conv2dStep{.stride = 2, .padding = 1},
                                 Conv2dStep{.stride = {1, 2}, .padding = {0, 2}, .dilation = {2, 1}},
                                 Conv2dStep{.padding = 1, .groups = 2}}) {
    CAPTURE(step.groups);
    const auto x = Variable<double>::parameter(normal({2, 4, 6, 5}, 1));
    const auto w = Variable<double>::parameter(normal({4, 4 / step.groups, 3, 3}, 2));
    const auto b = Variable<double>::parameter(normal({4}, 3));
    const auto check = gradient_check(
        [&] {
          const auto y = conv2d(x, w, b, step);
          return mean(y * y);
        },
        {x, w, b});
    CHECK_MESSAGE(check.error < 1e-7, check.text());
  }
}

TEST_CASE("conv2d: a constant image asks for no gradient work") {
  const Variable<double> x(normal({1, 1, 4, 4}, 1));
  const auto w = Variable<double>::parameter(normal({1, 1, 3, 3}, 2));
  CHECK(conv2d(x, w).node()->inputs.size() == 1);
}

TEST_CASE("conv2d: a channel mismatch names both shapes") {
  const Variable<double> x(Tensor<double>::zeros({8, 3, 28, 28}));
  const Variable<double> w(Tensor<double>::zeros({16, 4, 3, 3}));
  CHECK_THROWS_WITH_AS(conv2d(x, w),
                       "conv2d: need x [N, C, H, W] and weight [F, C / groups, KH, KW], got x [8, 3, 28, 28] and "
                       "weight [16, 4, 3, 3], groups 1",
                       ShapeError);
}
