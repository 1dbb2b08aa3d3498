#include <engram/ops/arithmetic.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

const Shape broadcastable[] = {{},        {1},       {3},       {2, 1},    {1, 3},   {2, 3},
                               {4, 1, 1}, {4, 2, 1}, {1, 1, 3}, {4, 2, 3}, {0, 1, 1}};

/// The element of x that stands at `position` of the shape to which it is broadcast.
double element(const Tensor<double>& x, const Shape& target, Index position) {
  Index at = 0;
  Index step = 1;
  for (Index back = 1; back <= target.rank(); ++back) {
    if (back <= x.rank()) {
      at += x.dim(-back) == 1 ? 0 : position % target[-back] * step;
      step *= x.dim(-back);
    }
    position /= target[-back];
  }
  return x[at];
}

/// Whole numbers without 0.
Variable<double> numbers(const Shape& shape, std::uint64_t seed) {
  auto v = whole_numbers<double>(shape.size(), seed);
  std::ranges::replace(v, 0.0, 5.0);
  return Variable<double>(Tensor<double>::from(shape, v));
}

/// Calls f(a, b, shape in which they meet) for all pairs of the shapes above that fit.
template <class F>
void for_each_pair(F f) {
  for (const Shape& a : broadcastable) {
    for (const Shape& b : broadcastable) {
      if (const auto shape = kernels::broadcast_shape(a, b)) {
        CAPTURE(a.text());
        CAPTURE(b.text());
        f(numbers(a, 1), numbers(b, 2), *shape);
      }
    }
  }
}

template <class F>
void check_operation(const Variable<double>& y, const Variable<double>& a, const Variable<double>& b,
                     const Shape& shape, F f) {
  CHECK(y.shape() == shape);
  std::vector<double> expected;
  for (Index i = 0; i < shape.size(); ++i) {
    expected.push_back(f(element(a.value(), shape, i), element(b.value(), shape, i)));
  }
  CHECK(list(y.value()) == expected);
}

}  // namespace

TEST_CASE("arithmetic: values element by element") {
  const auto a = constant<float>({2, 1}, {3, -2});
  const auto b = constant<float>({2, 1}, {5, 4});
  CHECK(list((a + b).value()) == std::vector<float>{8, 2});
  CHECK(list((a - b).value()) == std::vector<float>{-2, -6});
  CHECK(list((a * b).value()) == std::vector<float>{15, -8});
  CHECK(list((a / b).value()) == std::vector<float>{0.6f, -0.5f});
  CHECK((a * b).shape() == Shape{2, 1});
}

TEST_CASE("arithmetic: extents of 1 and missing axes repeat, scalars too") {
  for_each_pair([](const Variable<double>& a, const Variable<double>& b, const Shape& shape) {
    check_operation(a + b, a, b, shape, [](double p, double q) { return p + q; });
    check_operation(a - b, a, b, shape, [](double p, double q) { return p - q; });
    check_operation(a * b, a, b, shape, [](double p, double q) { return p * q; });
    check_operation(a / b, a, b, shape, [](double p, double q) { return p / q; });
  });
}

TEST_CASE("arithmetic: gradients of broadcast operands match central differences") {
  for_each_pair([](const Variable<double>& a, const Variable<double>& b, const Shape& shape) {
    for (const auto& check : {gradient_check([](const auto&p, const auto&q) { return p + q; }, a, b),
                              gradient_check([](const auto&p, const auto&q) { return p - q; }, a, b),
                              gradient_check([](const auto&p, const auto&q) { return p * q; }, a, b),
                              gradient_check([](const auto&p, const auto&q) { return p / q; }, a, b)}) {
      CHECK_MESSAGE((shape.size() == 0 || check.ok(1e-7)), check.text());
    }
  });
}

TEST_CASE("arithmetic: gradients of a longer expression match central differences") {
  const auto check = gradient_check(
      [](const auto& a, const auto& b, const auto& c) { return (a + b) * (a - c) * b - c * c + (b - b * a) / 3; },
      random_constant({3, 4}, 1), random_constant({3, 4}, 2), random_constant({4}, 3));
  CHECK_MESSAGE(check.ok(1e-7), check.text());
}

TEST_CASE("arithmetic: gradients by hand where a row meets a column") {
  const auto row = parameter({1, 3}, {1, 2, 3});
  const auto column = parameter({2, 1}, {10, 20});
  const auto grads = backward(sum(row * column));
  CHECK(list(grads[row]) == std::vector<double>{30, 30, 30});
  CHECK(grads[row].shape() == Shape{1, 3});
  CHECK(list(grads[column]) == std::vector<double>{6, 6});
  CHECK(grads[column].shape() == Shape{2, 1});
}

TEST_CASE("arithmetic: an operand with itself") {
  const auto a = parameter({1}, {3});
  CHECK(backward(sum(a + a))[a][0] == 2);
  CHECK(backward(sum(a - a))[a][0] == 0);
  CHECK(backward(sum(a * a))[a][0] == 6);
  CHECK(backward(sum(a / a))[a][0] == doctest::Approx(0).epsilon(1e-15));
}

TEST_CASE("arithmetic: a number on either side") {
  const auto x = parameter<float>({2}, {4, -2});
  CHECK(list((x + 1).value()) == std::vector<float>{5, -1});
  CHECK(list((1 + x).value()) == std::vector<float>{5, -1});
  CHECK(list((x - 1).value()) == std::vector<float>{3, -3});
  CHECK(list((1 - x).value()) == std::vector<float>{-3, 3});
  CHECK(list((x * 0.5).value()) == std::vector<float>{2, -1});
  CHECK(list((0.5 * x).value()) == std::vector<float>{2, -1});
  CHECK(list((x / 2).value()) == std::vector<float>{2, -1});
  CHECK(list((2 / x).value()) == std::vector<float>{0.5f, -1});
  CHECK(list((-x).value()) == std::vector<float>{-4, 2});
  CHECK(list(scale_shift(x, 3, 1).value()) == std::vector<float>{13, -5});
}

TEST_CASE("arithmetic: gradients with numbers match central differences") {
  const auto check = gradient_check(
      [](const auto& x) { return (1.5 - x) * (x + 0.25) / 3 - 2 / x * (-x - 1) + (2 + x) * (x * 0.5) - (3 * x - 1); },
      Variable<double>(normal_off({0}, {3, 2}, 1)));
  CHECK_MESSAGE(check.ok(1e-6), check.text());
}

TEST_CASE("arithmetic: division by 0 is infinite, 0 / 0 NaN") {
  const auto y = constant({3}, {1, -1, 0}) / zeros({});
  CHECK(y.value()[0] == infinity);
  CHECK(y.value()[1] == -infinity);
  CHECK(std::isnan(y.value()[2]));
}

TEST_CASE("arithmetic: a constant operand asks for no gradient work") {
  const auto x = parameter({2}, {1, 2});
  CHECK((x * zeros({2})).node()->inputs.size() == 1);
  CHECK((zeros({3, 1}) / x).node()->inputs.size() == 1);
  CHECK((zeros({2}) - zeros({})).node()->inputs.empty());
}

TEST_CASE("arithmetic: shapes that do not meet are named") {
  const auto a = zeros({2, 3});
  const auto b = zeros({2});
  const auto text = [](const char* op) {
    return engram::text(op, ": need a and b of one shape, or extents of 1 that repeat, got a [2, 3] and b [2]");
  };
  CHECK_THROWS_WITH_AS(a + b, text("add").c_str(), ShapeError);
  CHECK_THROWS_WITH_AS(a - b, text("sub").c_str(), ShapeError);
  CHECK_THROWS_WITH_AS(a * b, text("mul").c_str(), ShapeError);
  CHECK_THROWS_WITH_AS(a / b, text("div").c_str(), ShapeError);
  CHECK_THROWS_AS(zeros({0, 3}) + zeros({2, 3}), ShapeError);
}
