#include <engram/ops/elementary.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

template <class F, class G>
void check_values(F f, G formula, std::initializer_list<double> arguments) {
  for (const double x : arguments) {
    CAPTURE(x);
    CHECK(f(constant({1}, {x})).value()[0] == doctest::Approx(formula(x)).epsilon(1e-14));
    const auto single = static_cast<float>(x);
    CHECK(f(constant<float>({1}, {single})).value()[0] ==
          doctest::Approx(formula(static_cast<double>(single))).epsilon(1e-6));
  }
}

template <class F>
void check_gradient(F f, const Tensor<double>& x) {
  const auto check = gradient_check(f, Variable<double>(x));
  CHECK_MESSAGE(check.ok(1e-8), check.text());
}

/// 0.3, 0.4, ...
Tensor<double> positive(const Shape& shape) {
  auto t = Tensor<double>::uninitialized(shape);
  for (Index i = 0; i < t.size(); ++i) {
    t[i] = 0.3 + 0.1 * static_cast<double>(i);
  }
  return t;
}

}  // namespace

TEST_CASE("exp: values, 0 and infinity far out") {
  check_values([](const auto& x) { return exp(x); }, [](double x) { return std::exp(x); }, {-20, -1, 0, 0.5, 1, 20});
  CHECK(list(exp(constant({3}, {-infinity, -1e4, 0})).value()) == std::vector<double>{0, 0, 1});
  CHECK(list(exp(constant({2}, {infinity, 1e4})).value()) == std::vector<double>{infinity, infinity});
}

TEST_CASE("log: values, -infinity at 0, NaN below") {
  check_values([](const auto& x) { return log(x); }, [](double x) { return std::log(x); }, {1e-20, 0.1, 1, 3, 1e20});
  const auto y = log(constant({4}, {0, infinity, -1, -infinity}));
  CHECK(y.value()[0] == -infinity);
  CHECK(y.value()[1] == infinity);
  CHECK(std::isnan(y.value()[2]));
  CHECK(std::isnan(y.value()[3]));
}

TEST_CASE("sqrt: values; the slope at 0 is infinite") {
  const auto x = parameter({3}, {4, 2.25, 0});
  const auto y = sqrt(x);
  CHECK(list(y.value()) == std::vector<double>{2, 1.5, 0});
  const auto slopes = backward(sum(y))[x];
  CHECK(slopes[0] == 0.25);
  CHECK(slopes[2] == infinity);
  CHECK(std::isnan(sqrt(constant({1}, {-1})).value()[0]));
}

TEST_CASE("abs: the slope is the sign, 0 at 0") {
  const auto x = parameter({5}, {-3, -0.5, 0, 2, -infinity});
  CHECK(list(abs(x).value()) == std::vector<double>{3, 0.5, 0, 2, infinity});
  CHECK(list(backward(sum(abs(x)))[x]) == std::vector<double>{-1, -1, 0, 1, -1});
}

TEST_CASE("square: x^2 with slope 2 x") {
  const auto x = parameter({3}, {-3, 0, 0.5});
  CHECK(list(square(x).value()) == std::vector<double>{9, 0, 0.25});
  CHECK(list(backward(sum(square(x)))[x]) == std::vector<double>{-6, 0, 1});
}

TEST_CASE("sin and cos: values of radians") {
  check_values([](const auto& x) { return sin(x); }, [](double x) { return std::sin(x); }, {-7, -1, 0, 0.5, 3, 100});
  check_values([](const auto& x) { return cos(x); }, [](double x) { return std::cos(x); }, {-7, -1, 0, 0.5, 3, 100});
}

TEST_CASE("clamp: moves into the interval; the slope is 1 within, ends included") {
  const auto x = parameter({6}, {-3, -1, 0, 2, 5, -infinity});
  CHECK(list(clamp(x, -1, 2).value()) == std::vector<double>{-1, -1, 0, 2, 2, -1});
  CHECK(list(backward(sum(clamp(x, -1, 2)))[x]) == std::vector<double>{0, 1, 1, 1, 0, 0});
  CHECK(list(clamp(x, 1, 1).value()) == std::vector<double>(6, 1));
  CHECK(list(clamp(x, -infinity, 0).value()) == std::vector<double>{-3, -1, 0, 0, 0, -infinity});
}

TEST_CASE("clamp: an interval without numbers is named") {
  CHECK_THROWS_WITH_AS(clamp(zeros({1}), 2, 1), "clamp: need low <= high, got 2 and 1", ArgumentError);
  CHECK_THROWS_AS(clamp(zeros({1}), NAN, 1), ArgumentError);
}

TEST_CASE("elementary functions: gradients match central differences") {
  check_gradient([](const auto& x) { return exp(x); }, normal({3, 7}, 1));
  check_gradient([](const auto& x) { return log(x); }, positive({3, 7}));
  check_gradient([](const auto& x) { return sqrt(x); }, positive({3, 7}));
  check_gradient([](const auto& x) { return abs(x); }, normal_off({0}, {3, 7}, 2));
  check_gradient([](const auto& x) { return square(x); }, normal({3, 7}, 3));
  check_gradient([](const auto& x) { return sin(x); }, normal({3, 7}, 4));
  check_gradient([](const auto& x) { return cos(x); }, normal({3, 7}, 5));
  check_gradient([](const auto& x) { return clamp(x, -0.5, 0.7); }, normal_off({-0.5, 0.7}, {3, 7}, 6));
}

TEST_CASE("elementary functions: NaN stays NaN") {
  const auto check = [](auto f) {
    CHECK(std::isnan(f(constant({1}, {NAN})).value()[0]));
    CHECK(std::isnan(f(constant<float>({1}, {NAN})).value()[0]));
  };
  check([](const auto& x) { return exp(x); });
  check([](const auto& x) { return log(x); });
  check([](const auto& x) { return sqrt(x); });
  check([](const auto& x) { return abs(x); });
  check([](const auto& x) { return square(x); });
  check([](const auto& x) { return sin(x); });
  check([](const auto& x) { return cos(x); });
  check([](const auto& x) { return clamp(x, -1, 1); });
}
