#include <engram/ops/batch_norm_relu.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <engram/autograd/backward.hpp>
#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/activation.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/max_pool2d.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;

namespace {

template <class T>
RunningStatistics<T> statistics() {
  return {Tensor<T>::from({3}, {T(0.1), T(-0.2), T(0.3)}), Tensor<T>::from({3}, {T(1), T(2), T(0.5)})};
}

template <class T>
struct Operands {
  Variable<T> x;
  Variable<T> weight = Variable<T>::parameter(Tensor<T>::from({3}, {T(1.5), T(-0.7), T(0.4)}));
  Variable<T> bias = Variable<T>::parameter(Tensor<T>::from({3}, {T(0.2), T(-0.1), T(0.3)}));

  explicit Operands(const Shape& shape) : x(Variable<T>::parameter(normal<T>(shape, 1))) {}
};

template <class T>
using Op = Variable<T> (*)(const Operands<T>&, RunningStatistics<T>&, Mode);

template <class T>
Variable<T> fused(const Operands<T>& o, RunningStatistics<T>& running, Mode mode) {
  return batch_norm_relu(o.x, o.weight, o.bias, running, mode);
}
template <class T>
Variable<T> parts(const Operands<T>& o, RunningStatistics<T>& running, Mode mode) {
  return relu(batch_norm(o.x, o.weight, o.bias, running, mode));
}
template <class T>
Variable<T> fused_pool(const Operands<T>& o, RunningStatistics<T>& running, Mode mode) {
  return batch_norm_relu_max_pool2d(o.x, o.weight, o.bias, running, mode);
}
template <class T>
Variable<T> parts_pool(const Operands<T>& o, RunningStatistics<T>& running, Mode mode) {
  return max_pool2d(parts(o, running, mode), {.kernel = 2});
}

template <class T>
void check_equal(const Shape& shape, Op<T> one, Op<T> other, double tolerance) {
  for (const Mode mode : {Mode::train, Mode::eval}) {
    CAPTURE(shape.text());
    const Operands<T> o(shape);
    auto running = statistics<T>();
    auto running_other = statistics<T>();
    const auto y = one(o, running, mode);
    const auto z = other(o, running_other, mode);
    REQUIRE(y.shape() == z.shape());
    CHECK(largest_difference(y.value(), z.value()) < tolerance);
    CHECK(list(running.mean) == list(running_other.mean));
    CHECK(list(running.variance) == list(running_other.variance));
    const Variable<T> target(normal<T>(y.shape(), 4));
    const auto gradients = backward(sum(y * target));
    const auto expected = backward(sum(z * target));
    for (const Variable<T>& v : {o.x, o.weight, o.bias}) {
      CHECK(largest_difference(gradients[v], expected[v]) < 20 * tolerance);
    }
  }
}

}  // namespace

TEST_CASE("batch_norm_relu: the same as its parts, forward and backward") {
  for (const Shape& shape : {Shape{5, 3}, Shape{2, 3, 4}, Shape{3, 3, 6, 7}}) {
    check_equal<double>(shape, fused<double>, parts<double>, 1e-14);
  }
  check_equal<float>({2, 3, 9, 11}, fused<float>, parts<float>, 2e-6);
}

TEST_CASE("batch_norm_relu_max_pool2d: the same as its parts, of even and odd extents") {
  for (const Shape& shape : {Shape{2, 3, 2, 2}, Shape{2, 3, 6, 34}, Shape{2, 3, 5, 6}, Shape{1, 3, 6, 7}}) {
    check_equal<double>(shape, fused_pool<double>, parts_pool<double>, 1e-14);
  }
  check_equal<float>({2, 3, 9, 40}, fused_pool<float>, parts_pool<float>, 2e-6);
}

TEST_CASE("batch_norm_relu, batch_norm_relu_max_pool2d: gradients match central differences") {
  for (const Op<double> op : {Op<double>(fused<double>), Op<double>(fused_pool<double>)}) {
    for (const Mode mode : {Mode::train, Mode::eval}) {
      const Operands<double> o({2, 3, 4, 5});
      const auto check = gradient_check(
          [&] {
            auto running = statistics<double>();
            const auto y = op(o, running, mode);
            return sum(y * y);
          },
          {o.x, o.weight, o.bias});
      CHECK_MESSAGE(check.error < 1e-6, check.text());
    }
  }
}

TEST_CASE("batch_norm_relu_max_pool2d: the first of equal pixels gets the gradient, what ReLU stops gets none") {
  Operands<double> o({1, 3, 2, 2});
  o.x = Variable<double>::parameter(Tensor<double>::from({1, 3, 2, 2}, {1, 4, 4, 0, 9, 5, 5, 7, -6, -6, -6, -6}));
  RunningStatistics<double> running{Tensor<double>::zeros({3}), Tensor<double>::full({3}, 1)};
  o.weight = Variable<double>::parameter(Tensor<double>::from({3}, {1, -1, 1}));
  o.bias = Variable<double>::parameter(Tensor<double>::from({3}, {0, 8, 0}));
  const auto y = batch_norm_relu_max_pool2d(o.x, o.weight, o.bias, running, Mode::eval, {.eps = 0});
  CHECK(list(y.value()) == std::vector<double>{4, 3, 0});
  const auto gradients = backward(sum(y));
  CHECK(list(gradients[o.x]) == std::vector<double>{0, 1, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0});
  CHECK(list(gradients[o.bias]) == std::vector<double>{1, 1, 0});
}

TEST_CASE("batch_norm_relu, batch_norm_relu_max_pool2d: NaN stays NaN") {
  for (Index at = 0; at < 4; ++at) {
    Operands<float> o({1, 3, 2, 2});
    o.x.mutable_value()[at] = std::numeric_limits<float>::quiet_NaN();
    auto running = statistics<float>();
    CHECK(std::isnan(fused(o, running, Mode::eval).value()[at]));
    CHECK(std::isnan(fused_pool(o, running, Mode::eval).value()[0]));
  }
}

TEST_CASE("batch_norm_relu, batch_norm_relu_max_pool2d: the same bits on any number of threads") {
  for (const Op<float> op : {Op<float>(fused<float>), Op<float>(fused_pool<float>)}) {
    const Operands<float> o({5, 3, 10, 38});
    CHECK(same_bits_on_any_threads([&] {
      auto running = statistics<float>();
      return backward(sum(op(o, running, Mode::train)))[o.x];
    }));
  }
}

TEST_CASE("batch_norm_relu, batch_norm_relu_max_pool2d: what does not fit is named") {
  auto running = statistics<float>();
  CHECK_THROWS_WITH_AS(fused_pool(Operands<float>({2, 3, 1, 4}), running, Mode::train),
                       "batch_norm_relu_max_pool2d: need x [N, C, H, W] with H, W >= 2, got [2, 3, 1, 4]", ShapeError);
  CHECK_THROWS_WITH_AS(fused(Operands<float>({1, 3}), running, Mode::train),
                       "batch_norm_relu: need more than 1 value per channel when training, got x [1, 3]", ShapeError);
}
