#include <engram/ops/conv2d.hpp>

#include <doctest/doctest.h>

#include <array>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/conv_transpose2d.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

const Conv2dStep conv_steps[] = {Conv2dStep{}, Conv2dStep{.stride = 2, .padding = 1},
                                 Conv2dStep{.stride = {1, 2}, .padding = {0, 2}, .dilation = {2, 1}},
                                 Conv2dStep{.padding = 1, .groups = 2}};

}  // namespace

TEST_CASE("conv2d: a 2x2 filter over a 3x3 image") {
  const Variable<double> x(Tensor<double>::from({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}));
  const Variable<double> w(Tensor<double>::from({1, 1, 2, 2}, {1, 10, 100, 1000}));
  const Variable<double> b(Tensor<double>::from({1}, {0.5}));
  const auto y = conv2d(x, w, b);
  CHECK(y.shape() == Shape{1, 1, 2, 2});
  CHECK(list(y.value()) == std::vector<double>{5421.5, 6532.5, 8754.5, 9865.5});
}

TEST_CASE("conv2d: gradients match central differences") {
  for (const Conv2dStep& step : conv_steps) {
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

TEST_CASE("conv2d: the derivatives in x and in weight are the adjoints") {
  for (const Conv2dStep& step : conv_steps) {
    const auto x = Variable<double>::parameter(normal({2, 4, 6, 5}, 1));
    const auto w = Variable<double>::parameter(normal({4, 4 / step.groups, 3, 3}, 2));
    const auto y = conv2d(x, w, std::nullopt, step);
    const Variable<double> dy(normal(y.shape(), 3));
    const auto grads = backward(sum(y * dy));
    CHECK(dot(grads[x], x.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-12));
    CHECK(dot(grads[w], w.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-12));
  }
}

TEST_CASE("conv2d: float gives double's results to float's precision") {
  for (const Conv2dStep& step : conv_steps) {
    const auto x = normal({2, 4, 6, 5}, 1);
    const auto w = normal({4, 4 / step.groups, 3, 3}, 2);
    const auto b = normal({4}, 3);
    const auto results = [&]<class T>(T) {
      const auto px = Variable<T>::parameter(cast<T>(x));
      const auto pw = Variable<T>::parameter(cast<T>(w));
      const auto pb = Variable<T>::parameter(cast<T>(b));
      const auto y = conv2d(px, pw, pb, step);
      const auto grads = backward(mean(y * y));
      return std::array{y.value(), grads[px], grads[pw], grads[pb]};
    };
    const auto exact = results(double{});
    const auto rounded = results(float{});
    for (std::size_t i = 0; i < exact.size(); ++i) {
      CHECK(largest_difference(rounded[i], exact[i]) < 1e-5);
    }
  }
}

TEST_CASE("conv2d: by Winograd's transforms or directly, forward and backward are the same") {
  const auto results = [](ConvAlgorithm algorithm, auto convolve) {
    const auto x = Variable<double>::parameter(normal({2, 16, 10, 9}, 1));
    const auto w = Variable<double>::parameter(normal({18, 16, 3, 3}, 2));
    const auto y = convolve(x, w, algorithm);
    const auto grads = backward(mean(y * y));
    return std::array{y.value(), grads[x], grads[w]};
  };
  const auto check = [&](auto convolve) {
    const auto transformed = results(ConvAlgorithm::automatic, convolve);
    const auto direct = results(ConvAlgorithm::direct, convolve);
    CHECK(largest_difference(transformed[0], direct[0]) > 0);  // so it is another way
    for (std::size_t i = 0; i < direct.size(); ++i) {
      const double size = largest_difference(direct[i], Tensor<double>::zeros(direct[i].shape()));
      CHECK(largest_difference(transformed[i], direct[i]) < 1e-14 * size);
    }
  };
  check([](const auto& x, const auto& w, ConvAlgorithm algorithm) {
    return conv2d(x, w, {}, {.padding = 1, .algorithm = algorithm});
  });
  check([](const auto& x, const auto& w, ConvAlgorithm algorithm) {
    return conv_transpose2d(conv2d(x, w, {}, {.padding = 1, .algorithm = algorithm}), w, {},
                            {.padding = 1, .algorithm = algorithm});
  });
}

TEST_CASE("conv2d: a constant image asks for no gradient work") {
  const Variable<double> x(normal({1, 1, 4, 4}, 1));
  const auto w = Variable<double>::parameter(normal({1, 1, 3, 3}, 2));
  CHECK(conv2d(x, w).node()->inputs.size() == 1);
}

TEST_CASE("conv2d: no images or no filters give empty results and gradients of 0") {
  for (const Shape& weight : {Shape{3, 2, 3, 3}, Shape{0, 2, 1, 1}}) {
    for (const Index images : {0, 2}) {
      const auto x = Variable<double>::parameter(normal({images, 2, 40, 9}, 1));
      const auto w = Variable<double>::parameter(normal(weight, 2));
      const auto b = Variable<double>::parameter(Tensor<double>::zeros({weight[0]}));
      const auto y = conv2d(x, w, b);
      CHECK(y.shape() == Shape{images, weight[0], 41 - weight[2], 10 - weight[2]});
      const auto grads = backward(sum(y));
      if (y.value().size() == 0) {
        CHECK(list(grads[x]) == std::vector<double>(static_cast<std::size_t>(x.value().size())));
        CHECK(list(grads[w]) == std::vector<double>(static_cast<std::size_t>(w.value().size())));
      }
    }
  }
}

TEST_CASE("conv2d: a channel mismatch names both shapes") {
  CHECK_THROWS_WITH_AS(conv2d(zeros({8, 3, 28, 28}), zeros({16, 4, 3, 3})),
                       "conv2d: need x [N, C, H, W] and weight [F, C / groups, KH, KW], got x [8, 3, 28, 28] and "
                       "weight [16, 4, 3, 3], groups 1",
                       ShapeError);
  CHECK_THROWS_WITH_AS(conv2d(zeros({8, 4, 28, 28}), zeros({15, 2, 3, 3}), std::nullopt, {.groups = 2}),
                       "conv2d: need x [N, C, H, W] and weight [F, C / groups, KH, KW], got x [8, 4, 28, 28] and "
                       "weight [15, 2, 3, 3], groups 2",
                       ShapeError);
}

TEST_CASE("conv2d: a filter that does not fit, or has no taps, and a bias of another size are named") {
  CHECK_THROWS_WITH_AS(conv2d(zeros({1, 1, 2, 9}), zeros({1, 1, 5, 3}), std::nullopt, {.padding = {1, 0}}),
                       "conv2d: weight [1, 1, 5, 3] does not fit in x [1, 1, 2, 9] padded by (1, 0)", ShapeError);
  CHECK_THROWS_WITH_AS(conv2d(zeros({1, 1, 2, 9}), zeros({1, 1, 0, 3})),
                       "conv2d: need a kernel of 1 x 1 or more, got weight [1, 1, 0, 3]", ShapeError);
  CHECK_THROWS_WITH_AS(conv2d(zeros({1, 1, 9, 9}), zeros({4, 1, 3, 3}), zeros({1})),
                       "conv2d: need bias [4], got bias [1]", ShapeError);
}

TEST_CASE("conv2d: an impossible step is named") {
  CHECK_THROWS_WITH_AS(conv2d(zeros({1, 1, 9, 9}), zeros({1, 1, 3, 3}), std::nullopt,
                              {.stride = {1, 0}, .padding = {2, -1}, .dilation = 3}),
                       "conv2d: need stride, dilation, groups >= 1 and padding >= 0, got stride (1, 0), padding "
                       "(2, -1), dilation (3, 3), groups 1",
                       ArgumentError);
  CHECK_THROWS_AS(conv2d(zeros({1, 1, 9, 9}), zeros({1, 1, 3, 3}), std::nullopt, {.groups = 0}), ArgumentError);
  CHECK_THROWS_AS(conv2d(zeros({1, 1, 9, 9}), zeros({1, 1, 3, 3}), std::nullopt, {.dilation = 0}), ArgumentError);
}
