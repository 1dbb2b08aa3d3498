#include <engram/ops/loss.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include <engram/autograd/gradient_check.hpp>
#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/same_bits.hpp"
#include "support/variables.hpp"

using namespace engram;

namespace {

constexpr Reduction reductions[] = {Reduction::mean, Reduction::sum, Reduction::none};

/// What all losses have in common: the reductions of `elements`, shapes, gradients of both operands at values whose
/// difference keeps away from the kinks.
template <class Loss>
void check_loss(Loss loss, const Variable<double>& x, const Variable<double>& target) {
  const auto each = loss(x, target, Reduction::none);
  CHECK(each.shape() == x.shape());
  CHECK(loss(x, target, Reduction::sum).shape() == Shape{});
  CHECK(loss(x, target, Reduction::sum).value().item() == doctest::Approx(sum(each).value().item()).epsilon(1e-14));
  CHECK(loss(x, target, Reduction::mean).value().item() == doctest::Approx(mean(each).value().item()).epsilon(1e-14));
  for (const Reduction reduction : reductions) {
    const auto check = gradient_check(
        [&](const auto& p, const auto& q) {
          const auto y = loss(p, q, reduction);
          return y * y;
        },
        x, target);
    CHECK_MESSAGE(check.ok(1e-6), check.text());
  }
}

/// x whose differences from `target` keep away from the kinks.
Variable<double> around(const Variable<double>& target, std::initializer_list<double> kinks) {
  return target + Variable<double>(normal_off(kinks, target.shape(), 3));
}

}  // namespace

TEST_CASE("mse_loss: mean and sum of squared differences, and their slopes") {
  const auto x = parameter<float>({2, 2}, {1, 2, 3, 4});
  const auto target = parameter<float>({2, 2}, {1, 4, 0, 8});
  const auto loss = mse_loss(x, target);
  CHECK(loss.shape() == Shape{});
  CHECK(loss.value().item() == 7.25f);
  CHECK(mse_loss(x, target, Reduction::sum).value().item() == 29);
  CHECK(list(mse_loss(x, target, Reduction::none).value()) == std::vector<float>{0, 4, 9, 16});
  const auto grads = backward(loss);
  CHECK(list(grads[x]) == std::vector<float>{0, -1, 1.5f, -2});
  CHECK(list(grads[target]) == std::vector<float>{0, 1, -1.5f, 2});
}

TEST_CASE("l1_loss: mean of absolute differences, the slope is the sign") {
  const auto x = parameter<float>({4}, {1, 2, 3, 4});
  const auto target = parameter<float>({4}, {1, 4, 0, 8});
  CHECK(l1_loss(x, target).value().item() == 2.25f);
  CHECK(list(l1_loss(x, target, Reduction::none).value()) == std::vector<float>{0, 2, 3, 4});
  const auto grads = backward(l1_loss(x, target, Reduction::sum));
  CHECK(list(grads[x]) == std::vector<float>{0, -1, 1, -1});
  CHECK(list(grads[target]) == std::vector<float>{0, 1, -1, 1});
}

TEST_CASE("huber_loss: a parabola within delta, lines outside") {
  const auto x = parameter({5}, {0, 0.5, 1, 3, -3});
  const auto target = zero_parameter({5});
  CHECK(list(huber_loss(x, target, Reduction::none).value()) == std::vector<double>{0, 0.125, 0.5, 2.5, 2.5});
  CHECK(list(huber_loss(x, target, Reduction::none, 2).value()) == std::vector<double>{0, 0.125, 0.5, 4, 4});
  const auto grads = backward(huber_loss(x, target, Reduction::sum));
  CHECK(list(grads[x]) == std::vector<double>{0, 0.5, 1, 1, -1});
  CHECK(list(grads[target]) == std::vector<double>{0, -0.5, -1, -1, 1});
}

TEST_CASE("huber_loss: a delta that is not positive is named") {
  CHECK_THROWS_WITH_AS(huber_loss(zeros({1}), zeros({1}), Reduction::mean, 0), "huber_loss: need delta > 0, got 0",
                       ArgumentError);
  CHECK_THROWS_AS(huber_loss(zeros({1}), zeros({1}), Reduction::mean, NAN), ArgumentError);
}

TEST_CASE("bce_with_logits: the cross entropy of sigmoid(x)") {
  const auto x = parameter({4}, {0, 2, -1, 0.5});
  const auto target = parameter({4}, {1, 1, 0, 0.25});
  const auto y = bce_with_logits(x, target, Reduction::none);
  for (Index i = 0; i < 4; ++i) {
    const double p = 1 / (1 + std::exp(-x.value()[i]));
    const double q = target.value()[i];
    CHECK(y.value()[i] == doctest::Approx(-q * std::log(p) - (1 - q) * std::log(1 - p)).epsilon(1e-14));
  }
  const auto grads = backward(bce_with_logits(x, target, Reduction::sum));
  CHECK(grads[x][0] == -0.5);
  CHECK(list(grads[target]) == std::vector<double>{0, -2, 1, -0.5});
}

TEST_CASE("bce_with_logits: extreme logits neither overflow nor round to 0") {
  const auto x = parameter<float>({6}, {100, -100, 1e30f, -1e30f, 100, -100});
  const auto target = constant<float>({6}, {1, 0, 0, 1, 0, 1});
  const auto y = bce_with_logits(x, target, Reduction::none);
  CHECK(y.value()[0] < 1e-37f);
  CHECK(y.value()[1] < 1e-37f);
  CHECK(y.value()[2] == 1e30f);
  CHECK(y.value()[3] == 1e30f);
  CHECK(y.value()[4] == 100);
  CHECK(y.value()[5] == 100);
  const auto slopes = backward(sum(y))[x];
  CHECK(largest_difference(slopes, std::vector<double>{0, 0, 1, -1, 1, -1}) < 1e-37);
  const auto far = bce_with_logits(constant({1}, {50}), constant({1}, {1}));
  CHECK(far.value().item() == doctest::Approx(std::exp(-50)).epsilon(1e-12));
  CHECK(bce_with_logits(constant({1}, {infinity}), constant({1}, {0})).value().item() == infinity);
}

TEST_CASE("losses: reductions agree, gradients match central differences in x and target") {
  const auto target = random_constant({3, 5}, 2);
  check_loss([](const auto& x, const auto& t, Reduction r) { return mse_loss(x, t, r); }, random_constant({3, 5}, 1),
             target);
  check_loss([](const auto& x, const auto& t, Reduction r) { return l1_loss(x, t, r); }, around(target, {0}), target);
  check_loss([](const auto& x, const auto& t, Reduction r) { return huber_loss(x, t, r, 0.75); },
             around(target, {-0.75, 0.75}), target);
  check_loss([](const auto& x, const auto& t, Reduction r) { return bce_with_logits(x, t, r); },
             Variable<double>(normal_off({0}, {3, 5}, 1)), target);
}

TEST_CASE("losses: NaN in x or target is seen in the loss") {
  const auto check = [](auto loss) {
    CHECK(std::isnan(loss(constant({2}, {1, NAN}), constant({2}, {0, 0})).value().item()));
    CHECK(std::isnan(loss(constant({2}, {1, 2}), constant({2}, {NAN, 0})).value().item()));
  };
  check([](const auto& x, const auto& t) { return mse_loss(x, t); });
  check([](const auto& x, const auto& t) { return l1_loss(x, t); });
  check([](const auto& x, const auto& t) { return huber_loss(x, t); });
  check([](const auto& x, const auto& t) { return bce_with_logits(x, t); });
}

TEST_CASE("losses: a target that needs no gradient costs none") {
  CHECK(mse_loss(zero_parameter({2}), zeros({2})).node()->inputs.size() == 1);
  CHECK(mse_loss(zero_parameter({2}), zeros({2}), Reduction::none).node()->inputs.size() == 1);
}

TEST_CASE("losses: of nothing the mean is NaN, the sum 0") {
  CHECK(std::isnan(mse_loss(zeros({0}), zeros({0})).value().item()));
  CHECK(l1_loss(zeros({0, 3}), zeros({0, 3}), Reduction::sum).value().item() == 0);
  CHECK(huber_loss(zeros({0, 3}), zeros({0, 3}), Reduction::none).shape() == Shape{0, 3});
}

TEST_CASE("losses: the same bits on any number of threads") {
  const auto x = random_constant<float>({70'001}, 1);
  const auto target = random_constant<float>({70'001}, 2);
  CHECK(same_bits_on_any_threads([&] { return mse_loss(x, target).value(); }));
  CHECK(same_bits_on_any_threads([&] { return bce_with_logits(x, target, Reduction::sum).value(); }));
}

TEST_CASE("losses: different shapes are named") {
  const auto x = zeros({2, 3});
  const auto target = zeros({3, 2});
  const auto message = [](const char* op) {
    return text(op, ": need x and target of one shape, got x [2, 3] and target [3, 2]");
  };
  CHECK_THROWS_WITH_AS(mse_loss(x, target), message("mse_loss").c_str(), ShapeError);
  CHECK_THROWS_WITH_AS(l1_loss(x, target), message("l1_loss").c_str(), ShapeError);
  CHECK_THROWS_WITH_AS(huber_loss(x, target), message("huber_loss").c_str(), ShapeError);
  CHECK_THROWS_WITH_AS(bce_with_logits(x, target), message("bce_with_logits").c_str(), ShapeError);
  CHECK_THROWS_AS(mse_loss(x, zeros({1, 3}), Reduction::none), ShapeError);
}
