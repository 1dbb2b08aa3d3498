#include <engram/ops/conv2d_batch_norm_relu_max_pool2d.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include <engram/autograd/backward.hpp>
#include <engram/autograd/gradient_check.hpp>
#include <engram/core/parallel.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/batch_norm_relu.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;

namespace {

template <class T>
struct BlockOperands {
  Variable<T> x;
  Variable<T> weight;
  Variable<T> bias;
  Variable<T> norm_weight;
  Variable<T> norm_bias;
  Conv2dStep step;

  /// Images far from zero, whose variance is lost in sums of squares.
  BlockOperands(const Shape& images, const Shape& filters, const Conv2dStep& how, double offset = 0)
      : x(moved(normal<T>(images, 1), offset)),
        weight(Variable<T>::parameter(normal<T>(filters, 2))),
        bias(Variable<T>::parameter(normal<T>({filters[0]}, 3))),
        norm_weight(Variable<T>::parameter(normal<T>({filters[0]}, 4))),
        norm_bias(Variable<T>::parameter(normal<T>({filters[0]}, 5))),
        step(how) {}

  static Variable<T> moved(Tensor<T> values, double offset) {
    for (T& v : values.elements()) {
      v += static_cast<T>(offset);
    }
    return Variable<T>(std::move(values));
  }
  RunningStatistics<T> statistics() const { return {normal<T>(bias.shape(), 6), Tensor<T>::full(bias.shape(), T{2})}; }
  Variable<T> fused(RunningStatistics<T>& running) const {
    return conv2d_batch_norm_relu_max_pool2d(x, weight, bias, step, norm_weight, norm_bias, running);
  }
  Variable<T> parts(RunningStatistics<T>& running) const {
    return batch_norm_relu_max_pool2d(conv2d(x, weight, bias, step), norm_weight, norm_bias, running, Mode::train);
  }
};

template <class T>
void check_equal(const BlockOperands<T>& o, double tolerance) {
  auto running = o.statistics();
  auto running_of_parts = o.statistics();
  const auto y = o.fused(running);
  const auto expected = o.parts(running_of_parts);
  REQUIRE(y.shape() == expected.shape());
  CHECK(largest_difference(y.value(), expected.value()) < tolerance);
  CHECK(largest_difference(running.mean, running_of_parts.mean) < tolerance);
  CHECK(largest_difference(running.variance, running_of_parts.variance) < tolerance);
  const Variable<T> target(normal<T>(y.shape(), 7));
  const auto gradients = backward(sum(y * target));
  const auto of_parts = backward(sum(expected * target));
  for (const Variable<T>& v : {o.weight, o.norm_weight, o.norm_bias, o.bias}) {
    CHECK(largest_difference(gradients[v], of_parts[v]) < 50 * tolerance);
  }
}

}  // namespace

TEST_CASE("conv2d_batch_norm_relu_max_pool2d: equals its parts, and so do its gradients") {
  SUBCASE("the study's first layers") {
    check_equal(BlockOperands<double>({3, 1, 26, 18}, {64, 1, 3, 3}, {}), 1e-11);
  }
  SUBCASE("padding, dilation, channels, more images than pieces") {
    check_equal(BlockOperands<double>({21, 3, 8, 11}, {33, 3, 2, 2}, {.padding = {1, 1}, .dilation = {2, 3}}), 1e-11);
  }
  SUBCASE("one tap, one window") {
    check_equal(BlockOperands<double>({2, 1, 2, 2}, {3, 1, 1, 1}, {}), 1e-11);
  }
  SUBCASE("float") {
    check_equal(BlockOperands<float>({4, 1, 26, 18}, {20, 1, 3, 3}, {}), 1e-5);
  }
  SUBCASE("numbers of filters for each shape of register tiles") {
    check_equal(BlockOperands<float>({2, 1, 18, 18}, {48, 1, 3, 3}, {}), 1e-5);
    check_equal(BlockOperands<double>({2, 1, 18, 18}, {24, 1, 3, 3}, {}), 1e-11);
  }
}

TEST_CASE("conv2d_batch_norm_relu_max_pool2d: smooth images far from zero, filters that take differences") {
  // Their results are a thousandth of the pixels; against the parts in double.
  BlockOperands<double> exact({4, 1, 26, 18}, {12, 1, 3, 3}, {});
  auto images = Tensor<double>::uninitialized(exact.x.shape());
  for (Index i = 0; i < images.size(); ++i) {
    const auto x = static_cast<double>(i % 18);
    const auto y = static_cast<double>(i / 18 % 26);
    images[i] = static_cast<float>(100 + x + 0.5 * y + 0.02 * x * x + static_cast<double>(i / 468));
  }
  exact.x = Variable<double>(images);
  for (Index f = 0; f < 12; ++f) {
    double total = 0;
    for (Index tap = 1; tap < 9; ++tap) {
      auto& weight = exact.weight.mutable_value()[f * 9 + tap];
      weight = static_cast<float>(weight);
      total += weight;
    }
    exact.weight.mutable_value()[f * 9] = static_cast<float>(-total);
  }
  BlockOperands<float> rounded({4, 1, 26, 18}, {12, 1, 3, 3}, {});
  rounded.x = Variable<float>(cast<float>(images));
  rounded.weight = Variable<float>::parameter(cast<float>(exact.weight.value()));
  auto running = exact.statistics();
  auto running_float = rounded.statistics();
  const auto y = rounded.fused(running_float);
  const auto expected = exact.parts(running);
  CHECK(largest_difference(cast<double>(y.value()), expected.value()) < 1e-3);
  CHECK(largest_difference(cast<double>(running_float.variance), running.variance) < 1e-5);
  const auto gradients = backward(sum(y * y));
  const auto of_parts = backward(sum(expected * expected));
  CHECK(largest_difference(cast<double>(gradients[rounded.norm_weight]), of_parts[exact.norm_weight]) <
        1e-3 * largest_difference(of_parts[exact.norm_weight], Tensor<double>::zeros({12})));
}

TEST_CASE("conv2d_batch_norm_relu_max_pool2d: gradients match central differences") {
  const BlockOperands<double> o({3, 2, 7, 8}, {9, 2, 2, 2}, {.padding = {0, 1}, .dilation = {1, 2}});
  const auto loss = [&] {
    auto running = o.statistics();
    const auto y = o.fused(running);
    return sum(y * y);
  };
  CHECK(gradient_error(loss, {o.weight, o.bias, o.norm_weight, o.norm_bias}) < 1e-6);
}

TEST_CASE("conv2d_batch_norm_relu_max_pool2d: without a bias, and without a gradient for some") {
  BlockOperands<double> o({2, 1, 6, 6}, {10, 1, 3, 3}, {});
  o.weight.set_requires_grad(false);
  auto running = o.statistics();
  auto running_of_parts = o.statistics();
  const auto y =
      conv2d_batch_norm_relu_max_pool2d(o.x, o.weight, std::nullopt, o.step, o.norm_weight, o.norm_bias, running);
  const auto expected = batch_norm_relu_max_pool2d(conv2d(o.x, o.weight, std::nullopt, o.step), o.norm_weight,
                                                   o.norm_bias, running_of_parts, Mode::train);
  CHECK(largest_difference(y.value(), expected.value()) < 1e-12);
  CHECK(largest_difference(running.mean, running_of_parts.mean) < 1e-12);
  const auto gradients = backward(sum(y));
  CHECK(largest_difference(gradients[o.norm_weight], backward(sum(expected))[o.norm_weight]) < 1e-12);
}

TEST_CASE("conv2d_batch_norm_relu_max_pool2d: same bits on any number of threads") {
  const BlockOperands<float> o({19, 1, 10, 10}, {16, 1, 3, 3}, {});
  CHECK(same_bits_on_any_threads([&] {
    auto running = o.statistics();
    const auto y = o.fused(running);
    const auto gradients = backward(sum(y * y));
    std::vector<float> all(y.value().elements().begin(), y.value().elements().end());
    for (const auto& part : {gradients[o.weight], gradients[o.norm_weight], gradients[o.norm_bias], running.mean}) {
      all.insert(all.end(), part.elements().begin(), part.elements().end());
    }
    return all;
  }));
}

TEST_CASE("conv2d_batch_norm_relu_max_pool2d: what it cannot do is said") {
  const auto attempt = [](const BlockOperands<float>& o) {
    auto running = o.statistics();
    return o.fused(running);
  };
  CHECK_THROWS_WITH_AS(
      attempt(BlockOperands<float>({2, 1, 7, 6}, {16, 1, 3, 3}, {})),
      "conv2d_batch_norm_relu_max_pool2d: need constant images, 1 group, stride 1, at most 32 taps and not more than "
      "filters, an even number of results down and across; got x [2, 1, 7, 6], weight [16, 1, 3, 3], 1 groups, stride "
      "(1, 1) and 5 x 4 results",
      ArgumentError);
  BlockOperands<float> o({2, 1, 6, 6}, {16, 1, 3, 3}, {});
  o.x = Variable<float>::parameter(o.x.value());
  CHECK_THROWS_AS(attempt(o), ArgumentError);
  CHECK_THROWS_AS(attempt(BlockOperands<float>({2, 1, 6, 6}, {8, 1, 3, 3}, {})), ArgumentError);
  CHECK_THROWS_AS(attempt(BlockOperands<float>({2, 1, 9, 9}, {16, 1, 3, 3}, {.stride = 2})), ArgumentError);
}
