#include <engram/optim/adam.hpp>

#include <doctest/doctest.h>

#include <engram/ops/arithmetic.hpp>
#include <engram/ops/reduce.hpp>

#include "support/numbers.hpp"
#include "support/random_tensor.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using optim::Adam;

namespace {

Variable<double> parameter(double value) {
  return Variable<double>::parameter(Tensor<double>::full({1}, value));
}

/// Gradients of which `p`'s is `slope`.
Gradients<double> slope(const Variable<double>& p, double value) {
  return backward(sum(p * Variable<double>(Tensor<double>::full(p.shape(), value))));
}

}  // namespace

TEST_CASE("Adam: two steps by hand") {
  const auto p = parameter(1);
  Adam<double> adam({p}, {.lr = 0.1, .beta1 = 0.5, .beta2 = 0.75, .eps = 1});
  adam.step(slope(p, 4));  // m = 2, v = 4; 2 / 0.5 = 4, 4 / 0.25 = 16: 0.1 * 4 / (4 + 1)
  CHECK(p.value()[0] == doctest::Approx(0.92).epsilon(1e-14));
  adam.step(slope(p, 0));  // m = 1, v = 3; 1 / 0.75, 3 / 0.4375
  CHECK(p.value()[0] == doctest::Approx(0.92 - 0.1 / 0.75 / (std::sqrt(3 / 0.4375) + 1)).epsilon(1e-14));
  CHECK(adam.steps() == 2);
}

TEST_CASE("Adam: weight decay adds to the gradient") {
  const auto p = parameter(2);
  Adam<double> adam({p}, {.lr = 0.1, .beta1 = 0.5, .beta2 = 0.75, .eps = 1, .weight_decay = 0.5});
  adam.step(slope(p, 3));  // 3 + 0.5 * 2 = 4
  CHECK(p.value()[0] == doctest::Approx(1.92).epsilon(1e-14));
}

TEST_CASE("Adam: a parameter without a gradient stays") {
  const auto p = parameter(1);
  const auto q = parameter(5);
  Adam<double> adam({p, q}, {.lr = 0.1});
  adam.step(slope(p, 1));
  CHECK(p.value()[0] == doctest::Approx(0.9));
  CHECK(q.value()[0] == 5);
}

TEST_CASE("Adam: the rate can be changed between steps") {
  const auto p = parameter(1);
  Adam<double> adam({p}, {.lr = 0.1});
  adam.set_lr(0);
  CHECK(adam.lr() == 0);
  adam.step(slope(p, 1));
  CHECK(p.value()[0] == 1);
}

TEST_CASE("Adam: steps and slots are all that a resumed run needs") {
  const auto p = parameter(1);
  Adam<double> adam({p}, {.lr = 0.1});
  adam.step(slope(p, 1));
  const auto q = parameter(p.value()[0]);
  Adam<double> resumed({q}, {.lr = 0.1});
  resumed.steps() = adam.steps();
  CHECK(adam.slots()[0].name == "exp_avg");
  CHECK(adam.slots()[1].name == "exp_avg_sq");
  for (std::size_t i = 0; i < 2; ++i) {
    *resumed.slots()[i].per_parameter = *adam.slots()[i].per_parameter;
  }
  adam.step(slope(p, -2));
  resumed.step(slope(q, -2));
  CHECK(p.value()[0] == q.value()[0]);
}

TEST_CASE("Adam: finds the minimum of a quadratic") {
  const auto p = Variable<double>::parameter(normal({10}, 1));
  const Variable<double> target(normal({10}, 2));
  Adam<double> adam({p}, {.lr = 0.05});
  for (int i = 0; i < 1000; ++i) {
    const auto off = p - target;
    adam.step(backward(sum(off * off)));
  }
  CHECK(largest_difference(p.value(), target.value()) < 1e-6);
}

TEST_CASE("Adam: the same bits on any number of threads") {
  const Index size = (1 << 16) + 7;
  CHECK(same_bits_on_any_threads([&] {
    const auto p = Variable<float>::parameter(normal<float>({size}, 1));
    Adam<float> adam({p});
    adam.step(backward(sum(p * p)));
    return p.value();
  }));
}

TEST_CASE("Adam: impossible options are named") {
  const auto make = [](const optim::AdamOptions& options) { return Adam<double>({}, options); };
  CHECK_THROWS_WITH_AS(make({.lr = -1}),
                       "Adam: need lr, eps, weight_decay >= 0 and betas in [0, 1), got lr -1, eps 1e-08, weight_decay "
                       "0, betas 0.9, 0.999",
                       ArgumentError);
  CHECK_THROWS_AS(make({.beta1 = 1}), ArgumentError);
  CHECK_THROWS_AS(make({.beta2 = -0.1}), ArgumentError);
  CHECK_THROWS_AS(make({.eps = -1e-8}), ArgumentError);
  CHECK_THROWS_AS(make({.weight_decay = -1}), ArgumentError);
}
