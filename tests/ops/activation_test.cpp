#include <engram/ops/activation.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

struct Result {
  double value;
  double slope;
};

/// f and its derivative at x, in T.
template <class T, class F>
Result at(F f, double x) {
  const auto v = Variable<T>::parameter(Tensor<T>::full({1}, static_cast<T>(x)));
  const auto y = f(v);
  return {static_cast<double>(y.value()[0]), static_cast<double>(backward(sum(y))[v][0])};
}

/// Checks f against a formula in the standard library's functions, in both precisions.
template <class F, class G>
void check_values(F f, G formula) {
  for (const double x : {-30.0, -3.0, -1.0, -0.5, -1e-3, 1e-3, 0.5, 1.0, 2.0, 30.0}) {
    CAPTURE(x);
    CHECK(at<double>(f, x).value == doctest::Approx(formula(x)).epsilon(1e-13));
    CHECK(at<float>(f, x).value == doctest::Approx(formula(static_cast<double>(static_cast<float>(x)))).epsilon(2e-6));
  }
}

/// Checks value and derivative far out, in both precisions.
template <class F>
void check_far(F f, double x, const Result& expected) {
  CAPTURE(x);
  for (const Result& found : {at<double>(f, x), at<float>(f, x)}) {
    if (std::isinf(expected.value)) {
      CHECK(found.value == expected.value);
    } else {
      CHECK(std::abs(found.value - expected.value) < 1e-30);
    }
    CHECK(std::abs(found.slope - expected.slope) < 1e-30);
  }
}

template <class F>
void check_gradient(F f) {
  const auto check = gradient_check(f, Variable<double>(normal_off({0}, {7, 9}, 1)));
  CHECK_MESSAGE(check.ok(1e-8), check.text());
  const auto twice = gradient_check(
      [&](const auto& x) {
        const auto y = f(x);
        return y * y + y;
      },
      Variable<double>(normal_off({0}, {3, 5}, 2)));
  CHECK_MESSAGE(twice.ok(1e-7), twice.text());
}

const auto leaky = [](const auto& x) { return leaky_relu(x, 0.3f); };
const auto elu_2 = [](const auto& x) { return elu(x, 2); };
const auto gaussian = [](const auto& x) { return gelu(x); };
const auto swish = [](const auto& x) { return silu(x); };
const auto logistic = [](const auto& x) { return sigmoid(x); };
const auto hyperbolic = [](const auto& x) { return tanh(x); };
const auto soft = [](const auto& x) { return softplus(x); };
const auto soft_4 = [](const auto& x) { return softplus(x, 4); };

}  // namespace

TEST_CASE("relu: max(x, 0), with derivative 0 at 0") {
  const auto x = parameter<float>({2, 2}, {-2, 0, 3, 0.5f});
  const auto y = relu(x);
  CHECK(list(y.value()) == std::vector<float>{0, 0, 3, 0.5f});
  CHECK(y.shape() == Shape{2, 2});
  CHECK(list(backward(sum(y * y))[x]) == std::vector<float>{0, 0, 6, 1});
}

TEST_CASE("relu: NaN stays NaN and lets its gradient pass, as in PyTorch") {
  const auto [value, slope] = at<double>([](const auto& x) { return relu(x); }, NAN);
  CHECK(std::isnan(value));
  CHECK(slope == 1);
}

TEST_CASE("leaky_relu: the slope is 0.01 or as given below 0, and at 0") {
  const auto x = parameter({3}, {-2, 0, 3});
  CHECK(list(leaky_relu(x).value()) == std::vector<double>{-0.02, 0, 3});
  CHECK(list(leaky_relu(x, 0.5).value()) == std::vector<double>{-1, 0, 3});
  CHECK(list(backward(sum(leaky_relu(x, 0.5)))[x]) == std::vector<double>{0.5, 0.5, 1});
}

TEST_CASE("elu: alpha (e^x - 1) below 0, the slope at 0 is alpha") {
  check_values(elu_2, [](double x) { return x > 0 ? x : 2 * std::expm1(x); });
  CHECK(at<double>(elu_2, 0).value == 0);
  CHECK(at<double>(elu_2, 0).slope == 2);
  CHECK(at<double>([](const auto& x) { return elu(x); }, -1).value == doctest::Approx(std::expm1(-1)).epsilon(1e-14));
  check_far(elu_2, -infinity, {-2, 0});
  check_far(elu_2, 100, {100, 1});
  check_far(elu_2, infinity, {infinity, 1});
}

TEST_CASE("gelu: x Phi(x)") {
  check_values(gaussian, [](double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); });
  CHECK(at<double>(gaussian, 0).value == 0);
  CHECK(at<double>(gaussian, 0).slope == doctest::Approx(0.5).epsilon(1e-15));
  check_far(gaussian, -100, {0, 0});
  check_far(gaussian, 100, {100, 1});
}

TEST_CASE("silu: x sigmoid(x)") {
  check_values(swish, [](double x) { return x / (1 + std::exp(-x)); });
  CHECK(at<double>(swish, 0).slope == 0.5);
  check_far(swish, -100, {0, 0});
  check_far(swish, 100, {100, 1});
}

TEST_CASE("sigmoid: 1 / (1 + e^-x), small where it should be, never more than 1") {
  check_values(logistic, [](double x) { return 1 / (1 + std::exp(-x)); });
  CHECK(at<double>(logistic, 0).value == 0.5);
  CHECK(at<double>(logistic, 0).slope == 0.25);
  CHECK(at<double>(logistic, -100).value == doctest::Approx(std::exp(-100)).epsilon(1e-12));
  for (const double x : {-infinity, -100.0}) {
    check_far(logistic, x, {0, 0});
  }
  for (const double x : {100.0, infinity}) {
    check_far(logistic, x, {1, 0});
  }
}

TEST_CASE("tanh: odd, 1 far out") {
  check_values(hyperbolic, [](double x) { return std::tanh(x); });
  CHECK(at<double>(hyperbolic, 0).value == 0);
  CHECK(at<double>(hyperbolic, 0).slope == 1);
  for (const double x : {100.0, infinity}) {
    check_far(hyperbolic, x, {1, 0});
    check_far(hyperbolic, -x, {-1, 0});
  }
}

TEST_CASE("softplus: log(1 + e^(beta x)) / beta, without overflow") {
  check_values(soft, [](double x) { return std::log1p(std::exp(x)); });
  check_values(soft_4, [](double x) { return x > 5 ? x : std::log1p(std::exp(4 * x)) / 4; });
  CHECK(at<double>(soft_4, 0).slope == 0.5);
  for (const double x : {-infinity, -100.0}) {
    check_far(soft, x, {0, 0});
  }
  check_far(soft, 100, {100, 1});
  check_far(soft, infinity, {infinity, 1});
  CHECK(at<double>(soft_4, 1e300).value == 1e300);
}

TEST_CASE("softplus: a beta that is not positive is named") {
  CHECK_THROWS_WITH_AS(softplus(zeros({1}), 0), "softplus: need beta > 0, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(softplus(zeros({1}), -0.5), "softplus: need beta > 0, got -0.5", ArgumentError);
  CHECK_THROWS_AS(softplus(zeros({1}), NAN), ArgumentError);
}

TEST_CASE("activations: gradients match central differences, also for results used twice") {
  check_gradient([](const auto& x) { return relu(x); });
  check_gradient(leaky);
  check_gradient(elu_2);
  check_gradient(gaussian);
  check_gradient(swish);
  check_gradient(logistic);
  check_gradient(hyperbolic);
  check_gradient(soft);
  check_gradient(soft_4);
}

TEST_CASE("activations: NaN stays NaN, in every lane and behind the last full group of lanes") {
  const auto check = [](auto f) {
    for (const Index size : {1, 16, 37}) {
      const Variable<float> x(Tensor<float>::full({size}, NAN));
      const auto y = f(x);
      bool all = true;
      for (const float v : y.value().elements()) {
        all = all && std::isnan(v);
      }
      CHECK(all);
    }
  };
  check([](const auto& x) { return relu(x); });
  check(leaky);
  check(elu_2);
  check(gaussian);
  check(swish);
  check(logistic);
  check(hyperbolic);
  check(soft);
}

TEST_CASE("activations: empty tensors keep their shape") {
  const auto x = zero_parameter({0, 3});
  CHECK(gelu(x).shape() == Shape{0, 3});
  CHECK(backward(sum(tanh(x)))[x].shape() == Shape{0, 3});
}
