#include <engram/ops/conv_transpose2d.hpp>

#include <doctest/doctest.h>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

const ConvTranspose2dStep transpose_steps[] = {
    ConvTranspose2dStep{}, ConvTranspose2dStep{.stride = 2, .padding = 1, .output_padding = 1},
    ConvTranspose2dStep{.stride = {1, 3}, .padding = {2, 0}, .output_padding = {0, 2}, .dilation = {2, 1}},
    ConvTranspose2dStep{.padding = 1, .output_padding = {1, 0}, .dilation = 2},
    ConvTranspose2dStep{.padding = 1, .groups = 2}};

}  // namespace

TEST_CASE("conv_transpose2d: each pixel spreads its filter over the result") {
  const Variable<float> x(Tensor<float>::from({1, 1, 1, 2}, {1, 10}));
  const Variable<float> w(Tensor<float>::from({1, 1, 2, 2}, {1, 2, 3, 4}));
  const Variable<float> b(Tensor<float>::from({1}, {0.5f}));
  const auto y = conv_transpose2d(x, w, b);
  CHECK(y.shape() == Shape{1, 1, 2, 3});
  CHECK(list(y.value()) == std::vector<float>{1.5f, 12.5f, 20.5f, 3.5f, 34.5f, 40.5f});
}

TEST_CASE("conv_transpose2d: stride spreads, padding cuts, output_padding adds at the end") {
  const Variable<double> x(Tensor<double>::from({1, 1, 1, 2}, {1, 10}));
  const Variable<double> w(Tensor<double>::from({1, 1, 1, 3}, {1, 2, 3}));
  const auto row = [&](const ConvTranspose2dStep& step) {
    return list(conv_transpose2d(x, w, std::nullopt, step).value());
  };
  CHECK(row({.stride = {1, 2}}) == std::vector<double>{1, 2, 13, 20, 30});
  CHECK(row({.stride = {1, 2}, .padding = {0, 1}}) == std::vector<double>{2, 13, 20});
  CHECK(row({.stride = {1, 2}, .padding = {0, 1}, .output_padding = {0, 1}}) == std::vector<double>{2, 13, 20, 30});
  CHECK(row({.dilation = {1, 2}}) == std::vector<double>{1, 10, 2, 20, 3, 30});
  CHECK(row({.output_padding = {0, 1}, .dilation = {1, 2}}) == std::vector<double>{1, 10, 2, 20, 3, 30, 0});
}

TEST_CASE("conv_transpose2d: groups keep to their own channels") {
  const Variable<double> x(Tensor<double>::from({1, 2, 1, 1}, {1, 10}));
  const Variable<double> w(Tensor<double>::from({2, 2, 1, 1}, {1, 2, 3, 4}));
  CHECK(list(conv_transpose2d(x, w, std::nullopt, {.groups = 2}).value()) == std::vector<double>{1, 2, 30, 40});
  CHECK(list(conv_transpose2d(x, w).value()) == std::vector<double>{31, 42});
}

TEST_CASE("conv_transpose2d: is conv2d's derivative in the image") {
  const Conv2dStep step{.stride = {2, 3}, .padding = {1, 0}, .dilation = {1, 2}, .groups = 2};
  const auto image = Variable<double>::parameter(normal({2, 4, 7, 8}, 1));
  const Variable<double> w(normal({6, 2, 3, 2}, 2));
  const auto y = conv2d(image, w, std::nullopt, step);
  const Variable<double> dy(normal(y.shape(), 3));
  const auto adjoint = conv_transpose2d(dy, w, std::nullopt,
                                        {.stride = step.stride,
                                         .padding = step.padding,
                                         .output_padding = {0, 2},
                                         .dilation = step.dilation,
                                         .groups = step.groups});
  CHECK(adjoint.shape() == image.shape());
  CHECK(largest_difference(adjoint.value(), backward(sum(y * dy))[image]) < 1e-13);
}

TEST_CASE("conv_transpose2d: gradients match central differences") {
  for (const ConvTranspose2dStep& step : transpose_steps) {
    const auto x = Variable<double>::parameter(normal({2, 4, 3, 4}, 1));
    const auto w = Variable<double>::parameter(normal({4, 2, 3, 3}, 2));
    const auto b = Variable<double>::parameter(normal({2 * step.groups}, 3));
    const auto check = gradient_check(
        [&] {
          const auto y = conv_transpose2d(x, w, b, step);
          return mean(y * y);
        },
        {x, w, b});
    CHECK_MESSAGE(check.error < 1e-7, check.text());
  }
}

TEST_CASE("conv_transpose2d: the derivatives in x and in weight are the adjoints") {
  for (const ConvTranspose2dStep& step : transpose_steps) {
    const auto x = Variable<double>::parameter(normal({2, 4, 3, 4}, 1));
    const auto w = Variable<double>::parameter(normal({4, 2, 3, 3}, 2));
    const auto y = conv_transpose2d(x, w, std::nullopt, step);
    const Variable<double> dy(normal(y.shape(), 3));
    const auto grads = backward(sum(y * dy));
    CHECK(dot(grads[x], x.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-12));
    CHECK(dot(grads[w], w.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-12));
  }
}

TEST_CASE("conv_transpose2d: errors name shapes and transpose_steps") {
  const auto x = zeros({1, 4, 3, 3});
  const auto w = zeros({4, 2, 3, 3});
  CHECK_THROWS_WITH_AS(conv_transpose2d(zeros({1, 3, 3, 3}), w),
                       "conv_transpose2d: need x [N, C, H, W] and weight [C, F / groups, KH, KW], got x [1, 3, 3, 3] "
                       "and weight [4, 2, 3, 3], groups 1",
                       ShapeError);
  CHECK_THROWS_WITH_AS(conv_transpose2d(x, w, zeros({2}), {.groups = 2}),
                       "conv_transpose2d: need bias [4], got bias [2]", ShapeError);
  CHECK_THROWS_WITH_AS(conv_transpose2d(x, w, std::nullopt, {.stride = 2, .output_padding = {1, 2}}),
                       "conv_transpose2d: need 0 <= output_padding < max(stride, dilation), got (1, 2)", ArgumentError);
  CHECK_THROWS_WITH_AS(conv_transpose2d(x, w, std::nullopt, {.padding = {3, 0}}),
                       "conv_transpose2d: the result for x [1, 4, 3, 3] and weight [4, 2, 3, 3] would have -1 x 5 "
                       "pixels",
                       ShapeError);
  CHECK_THROWS_WITH_AS(conv_transpose2d(x, w, std::nullopt, {.stride = 0}),
                       "conv_transpose2d: need stride, dilation, groups >= 1 and padding >= 0, got stride (0, 0), "
                       "padding (0, 0), dilation (1, 1), groups 1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(conv_transpose2d(x, zeros({4, 2, 3, 0})),
                       "conv_transpose2d: need a kernel of 1 x 1 or more, got weight [4, 2, 3, 0]", ShapeError);
}
