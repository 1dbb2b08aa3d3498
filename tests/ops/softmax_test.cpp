#include <engram/ops/softmax.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/elementary.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/variables.hpp"

using namespace engram;

TEST_CASE("softmax: e^x over the sum, along either dim") {
  const double a = std::log(3.0);
  const auto x = constant({2, 2}, {0, a, 1, 1});
  CHECK(largest_difference(softmax(x, 1).value(), std::vector<double>{0.25, 0.75, 0.5, 0.5}) < 1e-15);
  CHECK(list(softmax(x, -1).value()) == list(softmax(x, 1).value()));
  const double e = std::exp(1.0);
  CHECK(largest_difference(softmax(x, 0).value(),
                           std::vector<double>{1 / (1 + e), 3 / (3 + e), e / (1 + e), e / (3 + e)}) < 1e-15);
}

TEST_CASE("log_softmax: the logarithm of softmax, along any dim") {
  const auto x = random_constant({3, 4, 5}, 1);
  for (const Index dim : {0, 1, 2, -1, -2, -3}) {
    CHECK(largest_difference(log_softmax(x, dim).value(), log(softmax(x, dim)).value()) < 1e-14);
  }
}

TEST_CASE("softmax: sums are 1 and entries positive, along any dim") {
  const auto x = 5 * random_constant({3, 17, 5}, 1);
  for (const Index dim : {0, 1, 2}) {
    const auto totals = sum(softmax(x, dim), {dim});
    CHECK(largest_difference(totals.value(), Tensor<double>::full(totals.shape(), 1)) < 1e-14);
  }
}

TEST_CASE("softmax and log_softmax: large values neither overflow nor lose the small ones' logarithms") {
  const auto x = constant<float>({1, 3}, {1000, 999, -1000});
  const auto y = softmax(x, 1);
  CHECK(y.value()[0] == doctest::Approx(1 / (1 + std::exp(-1.0))).epsilon(1e-6));
  CHECK(y.value()[2] == 0);
  const auto logs = log_softmax(x, 1);
  CHECK(logs.value()[0] == doctest::Approx(-std::log1p(std::exp(-1.0))).epsilon(1e-6));
  CHECK(logs.value()[2] == doctest::Approx(-2000.31326).epsilon(1e-6));
  CHECK(list(softmax(constant<float>({1, 2}, {-1e30f, -1e30f}), 1).value()) == std::vector<float>{0.5f, 0.5f});
}

TEST_CASE("softmax and log_softmax: a shift of all entries changes nothing") {
  const auto x = random_constant({2, 5}, 1);
  CHECK(largest_difference(softmax(x + 3.5, 1).value(), softmax(x, 1).value()) < 1e-15);
  CHECK(largest_difference(log_softmax(x + 3.5, 1).value(), log_softmax(x, 1).value()) < 1e-14);
}

TEST_CASE("softmax and log_softmax: -infinity has no share") {
  const auto x = constant({1, 3}, {0, -infinity, 0});
  CHECK(list(softmax(x, 1).value()) == std::vector<double>{0.5, 0, 0.5});
  CHECK(log_softmax(x, 1).value()[1] == -infinity);
}

TEST_CASE("softmax and log_softmax: NaN spoils its own line alone, wherever it stands") {
  for (const Index spoilt : {0, 1, 2}) {
    auto t = normal({2, 3}, 1);
    t[spoilt] = NAN;
    for (const auto& y : {softmax(Variable<double>(t), 1), log_softmax(Variable<double>(t), 1)}) {
      for (Index i = 0; i < 6; ++i) {
        CHECK(std::isnan(y.value()[i]) == (i < 3));
      }
    }
  }
}

TEST_CASE("softmax and log_softmax: gradients match central differences, along any dim") {
  for (const Index dim : {0, 1, 2}) {
    for (const auto& check :
         {gradient_check([=](const auto& x) { return softmax(x, dim); }, random_constant({3, 4, 2}, 1)),
          gradient_check([=](const auto& x) { return log_softmax(x, dim); }, random_constant({3, 4, 2}, 2))}) {
      CHECK_MESSAGE(check.ok(1e-8), check.text());
    }
  }
}

TEST_CASE("softmax and log_softmax: no lines, and lines of one entry") {
  CHECK(softmax(zeros({0, 3}), 1).shape() == Shape{0, 3});
  CHECK(log_softmax(zeros({3, 0}), 0).shape() == Shape{3, 0});
  CHECK(list(softmax(random_constant({3, 1}, 1), 1).value()) == std::vector<double>{1, 1, 1});
  CHECK(list(log_softmax(random_constant({1, 3}, 1), 0).value()) == std::vector<double>{0, 0, 0});
}

TEST_CASE("softmax and log_softmax: errors name the dim and the shape") {
  CHECK_THROWS_WITH_AS(softmax(zeros({2, 3}), 2), "softmax: need a dim in -2..1, got 2", ArgumentError);
  CHECK_THROWS_WITH_AS(log_softmax(zeros({2, 3}), -3), "log_softmax: need a dim in -2..1, got -3", ArgumentError);
  CHECK_THROWS_WITH_AS(softmax(zeros({2, 0}), -1), "softmax: need 1 entry or more along dim -1, got x [2, 0]",
                       ShapeError);
  CHECK_THROWS_AS(softmax(zeros({}), 0), ArgumentError);
}
