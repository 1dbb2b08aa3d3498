#include <engram/ops/slice.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

const auto ten = [] { return constant({10}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}); };

std::vector<double> taken(const SliceRange& range) {
  return list(slice(ten(), 0, range).value());
}

}  // namespace

TEST_CASE("slice: start, stop and step as in Python") {
  CHECK(taken({.start = 2, .stop = 5}) == std::vector<double>{2, 3, 4});
  CHECK(taken({.start = 7}) == std::vector<double>{7, 8, 9});
  CHECK(taken({.stop = 2}) == std::vector<double>{0, 1});
  CHECK(taken({.step = 4}) == std::vector<double>{0, 4, 8});
  CHECK(taken({.start = 1, .stop = 8, .step = 3}) == std::vector<double>{1, 4, 7});
  CHECK(taken({.start = 1, .stop = 7, .step = 3}) == std::vector<double>{1, 4});
}

TEST_CASE("slice: negative ends count from the end, what lies beyond is cut off") {
  CHECK(taken({.start = -2}) == std::vector<double>{8, 9});
  CHECK(taken({.start = -4, .stop = -2}) == std::vector<double>{6, 7});
  CHECK(taken({.stop = -8}) == std::vector<double>{0, 1});
  CHECK(taken({.start = -99, .stop = 1}) == std::vector<double>{0});
  CHECK(taken({.start = 8, .stop = 99}) == std::vector<double>{8, 9});
  CHECK(taken({.start = 3, .step = 100}) == std::vector<double>{3});
  CHECK(taken({.start = 3, .step = std::numeric_limits<Index>::max()}) == std::vector<double>{3});
  CHECK(taken({.start = std::numeric_limits<Index>::min()}) == list(ten().value()));
}

TEST_CASE("slice: of nothing, and in the wrong order, nothing") {
  CHECK(taken({.start = 5, .stop = 5}).empty());
  CHECK(taken({.start = 6, .stop = 2}).empty());
  CHECK(taken({.start = 6, .stop = 2, .step = 3}).empty());
  CHECK(taken({.start = 10}).empty());
  const auto x = random_parameter({2, 3, 4}, 1);
  const auto y = slice(x, 1, {.start = 3});
  CHECK(y.shape() == Shape{2, 0, 4});
  CHECK(list(backward(sum(y))[x]) == std::vector<double>(24));
  CHECK(slice(zeros({2, 0}), 1, {.start = 1, .step = 2}).shape() == Shape{2, 0});
}

TEST_CASE("slice: any dim, the gradient goes back to where the entries were") {
  const auto x = parameter({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto y = slice(x, -1, {.step = 2});
  CHECK(y.shape() == Shape{2, 2});
  CHECK(list(y.value()) == std::vector<double>{1, 3, 4, 6});
  CHECK(list(backward(sum(y * y))[x]) == std::vector<double>{2, 0, 6, 8, 0, 12});
  CHECK(list(slice(x, 0, {.start = 1}).value()) == std::vector<double>{4, 5, 6});
}

TEST_CASE("slice: each dim, start and step agree with a loop") {
  const Shape shape{4, 5, 6};
  const auto x = random_constant(shape, 1);
  for (Index dim = 0; dim < 3; ++dim) {
    for (Index start = 0; start < 3; ++start) {
      for (Index step = 1; step < 4; ++step) {
        const auto y = slice(x, dim, {.start = start, .step = step});
        std::vector<double> expected;
        for (Index i = 0; i < 120; ++i) {
          const Index at = std::vector{i / 30, i / 6 % 5, i % 6}[static_cast<std::size_t>(dim)];
          if (at >= start && (at - start) % step == 0) {
            expected.push_back(x.value()[i]);
          }
        }
        CHECK(list(y.value()) == expected);
      }
    }
  }
}

TEST_CASE("slice: gradients match central differences, the derivative is the adjoint") {
  for (const Index dim : {0, 1, 2}) {
    const auto cut = [=](const auto& x) { return slice(x, dim, {.start = 1, .stop = -1, .step = 2}); };
    const auto x = random_parameter({4, 5, 3}, 1);
    const auto check = gradient_check([&](const auto& v) { return cut(v) * cut(v); }, x);
    CHECK_MESSAGE(check.ok(1e-7), check.text());
    const auto y = cut(x);
    const auto dy = random_constant(y.shape(), 2);
    CHECK(dot(backward(sum(y * dy))[x], x.value()) == doctest::Approx(dot(y.value(), dy.value())).epsilon(1e-12));
  }
}

TEST_CASE("slice: a dim that there is not and a step below 1 are named") {
  CHECK_THROWS_WITH_AS(slice(ten(), 1, {}), "slice: need a dim in -1..0, got 1", ArgumentError);
  CHECK_THROWS_WITH_AS(slice(ten(), 0, {.step = 0}), "slice: need a step >= 1, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(slice(ten(), 0, {.step = -1}), "slice: need a step >= 1, got -1", ArgumentError);
  CHECK_THROWS_AS(slice(zeros({}), 0, {}), ArgumentError);
}
