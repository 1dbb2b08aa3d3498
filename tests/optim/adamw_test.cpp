#include <engram/optim/adamw.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "optim/helpers.hpp"
#include "support/numbers.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using optim::AdamW;
using support::parameter;
using support::slopes;
using support::value;

TEST_CASE("AdamW: weight decay shrinks the parameter, not its gradient") {
  const auto p = parameter(2);
  AdamW<double> adam({p}, {.lr = 0.1, .beta1 = 0.5, .beta2 = 0.75, .eps = 1, .weight_decay = 0.5});
  adam.step(slopes({{p, 4}}));  // 2 * (1 - 0.05), then Adam's step of 0.1 * 4 / (4 + 1)
  CHECK(value(p) == doctest::Approx(1.9 - 0.08).epsilon(1e-14));
}

TEST_CASE("AdamW: decays by 0.01 of the rate unless told otherwise") {
  const auto p = parameter(2);
  AdamW<double> adam({p}, {.lr = 0.1});
  adam.step(slopes({{p, 0}}));
  CHECK(value(p) == doctest::Approx(2 * (1 - 0.001)).epsilon(1e-14));
}

TEST_CASE("AdamW: a parameter without a gradient does not decay") {
  const auto p = parameter(1);
  const auto q = parameter(5);
  AdamW<double> adam({p, q}, {.lr = 0.1, .weight_decay = 0.5});
  adam.step(slopes({{p, 1}}));
  CHECK(value(q) == 5);
}

TEST_CASE("AdamW: without decay it is Adam") {
  CHECK(list(support::trained<AdamW<float>>({.weight_decay = 0}, 4)) ==
        list(support::trained<optim::Adam<float>>({}, 4)));
}

TEST_CASE("AdamW: steps and slots are all that a resumed run needs") {
  CHECK(list(support::trained<AdamW<float>>({.amsgrad = true}, 6)) ==
        list(support::trained<AdamW<float>>({.amsgrad = true}, 6, 3)));
  CHECK(support::slot_names(AdamW<double>({parameter(1)}, {.amsgrad = true})) ==
        std::vector<std::string>{"step", "exp_avg", "exp_avg_sq", "max_exp_avg_sq"});
}

TEST_CASE("AdamW: the same bits on any number of threads") {
  CHECK(same_bits_on_any_threads([] { return support::trained<AdamW<float>>({}, 2, -1, (1 << 16) + 7); }));
}

TEST_CASE("AdamW: impossible options are named") {
  CHECK_THROWS_WITH_AS(AdamW<double>({}, {.beta2 = 1}),
                       "AdamW: need lr, eps, weight_decay >= 0 and betas in [0, 1), got lr 0.001, eps 1e-08, "
                       "weight_decay 0.01, betas 0.9, 1",
                       ArgumentError);
}
