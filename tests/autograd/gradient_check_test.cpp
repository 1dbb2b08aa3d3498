#include <engram/autograd/gradient_check.hpp>

#include <doctest/doctest.h>

#include <limits>

#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"

using namespace engram;

namespace {

/// The square of each element; its derivative is off by `error` at position `wrong`.
Variable<double> square(const Variable<double>& x, Index wrong, double error) {
  auto y = x.value();
  for (double& v : y.elements()) {
    v *= v;
  }
  return differentiable("square", std::move(y), wrt(x, [x, wrong, error](Tensor<double> dy) {
                          for (Index i = 0; i < dy.size(); ++i) {
                            dy[i] *= 2 * x.value()[i];
                          }
                          dy[wrong] += error;
                          return dy;
                        }));
}

}  // namespace

TEST_CASE("gradient_check: a right derivative passes") {
  const auto x = Variable<double>::parameter(Tensor<double>::from({3}, {1, -2, 0.5}));
  CHECK(gradient_error([&] { return sum(square(x, 0, 0)); }, {x}) < 1e-9);
}

TEST_CASE("gradient_check: names the parameter and the entry of a wrong derivative") {
  const auto a = Variable<double>::parameter(Tensor<double>::from({2}, {1, 2}));
  const auto x = Variable<double>::parameter(Tensor<double>::from({3}, {1, -2, 0.5}));
  const auto check = gradient_check([&] { return sum(a * a) + sum(square(x, 2, 0.25)); }, {a, x});
  CHECK(check.parameter == 1);
  CHECK(check.entry == 2);
  CHECK(check.analytic == doctest::Approx(1.25));
  CHECK(check.numeric == doctest::Approx(1.0));
  CHECK(check.error == doctest::Approx(0.2));  // relative to 1.25
  CHECK(check.text() ==
        text("parameter 1 [3] entry [2]: backward 1.25, central difference ", check.numeric, ", error ", check.error));
}

TEST_CASE("gradient_check: a parameter without a gradient counts as gradient 0") {
  const auto x = Variable<double>::parameter(Tensor<double>::from({1}, {3}));
  const auto check = gradient_check([&] { return sum(Variable<double>(x.value())); }, {x});
  CHECK(check.analytic == 0);
  CHECK(check.error == doctest::Approx(1));
}

TEST_CASE("gradient_check: NaN in one entry is not covered up by the next ones") {
  const auto x = Variable<double>::parameter(Tensor<double>::from({4}, {1, 2, 3, 4}));
  const auto check = gradient_check([&] { return sum(square(x, 1, std::numeric_limits<double>::quiet_NaN())); }, {x});
  CHECK(std::isnan(check.error));
  CHECK(check.entry == 1);
}

TEST_CASE("gradient_check: leaves the parameters as they were") {
  const auto x = Variable<double>::parameter(Tensor<double>::from({2}, {0.1, -1e-3}));
  gradient_check([&] { return sum(x * x); }, {x});
  CHECK(list(x.value()) == std::vector<double>{0.1, -1e-3});
}

TEST_CASE("gradient_check: a small derivative that is twice what it should be is seen") {
  const auto x = Variable<double>::parameter(Tensor<double>::from({1}, {1e-7}));
  CHECK(gradient_check([&] { return sum(square(x, 0, 0)); }, {x}).ok());
  CHECK_FALSE(gradient_check([&] { return sum(square(x, 0, 2e-7)); }, {x}).ok());
}

TEST_CASE("gradient_check: leaves the parameters as they were if the function throws") {
  const auto x = Variable<double>::parameter(Tensor<double>::from({1}, {0.1}));
  int calls = 0;
  const auto f = [&] {
    ensure<Error>(++calls < 2, "enough");
    return sum(x * x);
  };
  CHECK_THROWS_WITH_AS(gradient_check(f, {x}), "enough", Error);
  CHECK(x.value().item() == 0.1);
}

TEST_CASE("gradient_check: takes a function of its arguments, and results of any shape") {
  const auto a = Variable<double>(Tensor<double>::from({2, 1}, {1, -2}));
  const auto b = Variable<double>(Tensor<double>::from({1, 3}, {0.5, 3, -1}));
  const auto right = gradient_check([](const auto& p, const auto& q) { return p * q; }, a, b);
  CHECK(right.ok(1e-8));
  const auto wrong = gradient_check([](const auto& p, const auto& q) { return p * square(q, 2, 0.5); }, a, b);
  CHECK_FALSE(wrong.ok());
  CHECK(wrong.text().starts_with("parameter 1 [1, 3] entry [0, 2]: backward "));
}

TEST_CASE("gradient_check: an error in one entry of many results is seen, whatever the others are") {
  for (Index wrong = 0; wrong < 12; ++wrong) {
    const auto x = Variable<double>(Tensor<double>::full({3, 4}, 2));
    const auto check = gradient_check([&](const auto& p) { return square(p, wrong, 1e-3); }, x);
    CHECK_FALSE(check.ok(1e-6));
    CHECK(check.entry == wrong);
  }
}
