#include <engram/optim/adam.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "optim/helpers.hpp"
#include "support/numbers.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using optim::Adam;
using support::parameter;
using support::slopes;
using support::value;

TEST_CASE("Adam: two steps by hand") {
  const auto p = parameter(1);
  Adam<double> adam({p}, {.lr = 0.1, .beta1 = 0.5, .beta2 = 0.75, .eps = 1});
  adam.step(slopes({{p, 4}}));  // m = 2, v = 4; 2 / 0.5 = 4, 4 / 0.25 = 16: 0.1 * 4 / (4 + 1)
  CHECK(value(p) == doctest::Approx(0.92).epsilon(1e-14));
  adam.step(slopes({{p, 0}}));  // m = 1, v = 3; 1 / 0.75, 3 / 0.4375
  CHECK(value(p) == doctest::Approx(0.92 - 0.1 / 0.75 / (std::sqrt(3 / 0.4375) + 1)).epsilon(1e-14));
  CHECK(adam.steps() == 2);
}

TEST_CASE("Adam: weight decay adds to the gradient") {
  const auto p = parameter(2);
  Adam<double> adam({p}, {.lr = 0.1, .beta1 = 0.5, .beta2 = 0.75, .eps = 1, .weight_decay = 0.5});
  adam.step(slopes({{p, 3}}));  // 3 + 0.5 * 2 = 4
  CHECK(value(p) == doctest::Approx(1.92).epsilon(1e-14));
}

TEST_CASE("Adam: amsgrad divides by the largest mean square so far") {
  const auto p = parameter(1);
  Adam<double> adam({p}, {.lr = 0.1, .beta1 = 0.5, .beta2 = 0.75, .eps = 1, .amsgrad = true});
  adam.step(slopes({{p, 4}}));
  adam.step(slopes({{p, 0}}));  // as without it, but with the 4 of the first step in place of 3
  CHECK(value(p) == doctest::Approx(0.92 - 0.1 / 0.75 / (std::sqrt(4 / 0.4375) + 1)).epsilon(1e-14));
}

TEST_CASE("Adam: a parameter that was frozen for a while has its own bias correction") {
  const auto p = parameter(1);
  const auto late = parameter(1);
  Adam<double> adam({p, late}, {.lr = 0.1, .eps = 0});
  for (int i = 0; i < 5; ++i) {
    adam.step(slopes({{p, 1}}));
  }
  CHECK(value(late) == 1);
  adam.step(slopes({{p, 1}, {late, 7}}));
  CHECK(value(late) == doctest::Approx(0.9).epsilon(1e-12));  // the first step is lr whatever the gradient
  const auto& counts = *adam.slots()[0].per_parameter;
  CHECK(counts[0].item() == 6);
  CHECK(counts[1].item() == 1);
  CHECK(counts[1].shape() == Shape{});
  CHECK(adam.steps() == 6);
}

TEST_CASE("Adam: slots have PyTorch's names") {
  CHECK(support::slot_names(Adam<float>({Variable<float>::parameter(normal<float>({2}, 1))})) ==
        std::vector<std::string>{"step", "exp_avg", "exp_avg_sq"});
  CHECK(support::slot_names(Adam<double>({parameter(1)}, {.amsgrad = true})) ==
        std::vector<std::string>{"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"});
}

TEST_CASE("Adam: steps and slots are all that a resumed run needs") {
  for (const bool amsgrad : {false, true}) {
    const optim::AdamOptions options{.lr = 0.1, .weight_decay = 0.01, .amsgrad = amsgrad};
    CHECK(list(support::trained<Adam<float>>(options, 6)) == list(support::trained<Adam<float>>(options, 6, 3)));
  }
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
  for (const bool amsgrad : {false, true}) {
    CHECK(same_bits_on_any_threads(
        [&] { return support::trained<Adam<float>>({.amsgrad = amsgrad}, 2, -1, (1 << 16) + 7); }));
  }
}

TEST_CASE("Adam: what is not a number stays visible") {
  const auto p = parameter(1);
  Adam<double> adam({p}, {.amsgrad = true});
  adam.step(slopes({{p, NAN}}));
  CHECK(std::isnan(value(p)));
}

TEST_CASE("Adam: impossible options are named") {
  const auto make = [](const optim::AdamOptions& options) { return Adam<double>({}, options); };
  CHECK_THROWS_WITH_AS(make({.lr = -1}),
                       "Adam: need lr, eps, weight_decay >= 0 and betas in [0, 1), got lr -1, eps 1e-08, weight_decay "
                       "0, betas 0.9, 0.999",
                       ArgumentError);
  CHECK_THROWS_AS(make({.lr = NAN}), ArgumentError);
  CHECK_THROWS_AS(make({.beta1 = 1}), ArgumentError);
  CHECK_THROWS_AS(make({.beta2 = -0.1}), ArgumentError);
  CHECK_THROWS_AS(make({.eps = -1e-8}), ArgumentError);
  CHECK_THROWS_AS(make({.weight_decay = -1}), ArgumentError);
}
