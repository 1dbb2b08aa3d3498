#include <engram/optim/rmsprop.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "optim/helpers.hpp"
#include "support/numbers.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using optim::RMSprop;
using support::parameter;
using support::slopes;
using support::value;

namespace {

/// Where a parameter that begins at 1 is after each of the slopes.
std::vector<double> rmsprop_path(const optim::RMSpropOptions& options, std::initializer_list<double> all) {
  const auto p = parameter(1);
  RMSprop<double> rmsprop({p}, options);
  std::vector<double> values;
  for (const double slope : all) {
    rmsprop.step(slopes({{p, slope}}));
    values.push_back(value(p));
  }
  return values;
}

}  // namespace

TEST_CASE("RMSprop: steps by hand") {
  const auto plain = rmsprop_path({.lr = 0.1, .alpha = 0.75, .eps = 1}, {4, 2});  // v = 4, 4: 4 / 3, 2 / 3
  CHECK(plain[0] == doctest::Approx(1 - 0.4 / 3).epsilon(1e-14));
  CHECK(plain[1] == doctest::Approx(1 - 0.6 / 3).epsilon(1e-14));
  const auto momentum =
      rmsprop_path({.lr = 0.1, .alpha = 0.75, .eps = 1, .momentum = 0.5}, {4, 2});  // b = 4 / 3, 4 / 3
  CHECK(momentum[1] == doctest::Approx(1 - 0.8 / 3).epsilon(1e-14));
  const auto centered = rmsprop_path({.lr = 0.1, .alpha = 0.75, .eps = 1, .centered = true}, {4});  // v - m^2 = 4 - 1
  CHECK(centered[0] == doctest::Approx(1 - 0.4 / (std::sqrt(3.0) + 1)).epsilon(1e-14));
  const auto decayed = rmsprop_path({.lr = 0.1, .alpha = 0.75, .eps = 1, .weight_decay = 2}, {2});  // 2 + 2 * 1
  CHECK(decayed[0] == plain[0]);
}

TEST_CASE("RMSprop: a centred mean square below zero counts as zero, and NaN stays visible") {
  const auto p = parameter(1);
  RMSprop<double> rmsprop({p}, {.lr = 0.25, .alpha = 0.5, .eps = 1, .centered = true});
  const auto slots = rmsprop.slots();
  (*slots[0].per_parameter)[0][0] = 1;  // a mean square of 1 and a mean of 2, as only rounding could give them
  (*slots[1].per_parameter)[0][0] = 2;
  rmsprop.step(slopes({{p, 1}}));  // v = 1, m = 1.5; the step is 0.25 * 1 / (0 + 1)
  CHECK(value(p) == 0.75);
  CHECK(std::isnan(rmsprop_path({.centered = true}, {NAN})[0]));
}

TEST_CASE("RMSprop: keeps only what its options need") {
  const auto names = [](const optim::RMSpropOptions& options) {
    return support::slot_names(RMSprop<double>({parameter(1)}, options));
  };
  CHECK(names({}) == std::vector<std::string>{"square_avg"});
  CHECK(names({.momentum = 0.9, .centered = true}) ==
        std::vector<std::string>{"square_avg", "momentum_buffer", "grad_avg"});
}

TEST_CASE("RMSprop: steps and slots are all that a resumed run needs") {
  for (const bool centered : {false, true}) {
    const optim::RMSpropOptions options{.momentum = 0.9, .centered = centered};
    CHECK(list(support::trained<RMSprop<float>>(options, 6)) == list(support::trained<RMSprop<float>>(options, 6, 3)));
  }
}

TEST_CASE("RMSprop: the same bits on any number of threads") {
  for (const bool centered : {false, true}) {
    for (const double momentum : {0.0, 0.9}) {
      CHECK(same_bits_on_any_threads([&] {
        return support::trained<RMSprop<float>>({.momentum = momentum, .centered = centered}, 2, -1, (1 << 16) + 7);
      }));
    }
  }
}

TEST_CASE("RMSprop: impossible options are named") {
  const auto make = [](const optim::RMSpropOptions& options) { return RMSprop<double>({}, options); };
  CHECK_THROWS_WITH_AS(make({.alpha = -1}),
                       "RMSprop: need lr, alpha, eps, weight_decay, momentum >= 0, got lr 0.01, alpha -1, eps 1e-08, "
                       "weight_decay 0, momentum 0",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(make({.alpha = 1.5}), "RMSprop: need alpha <= 1, got 1.5", ArgumentError);
  CHECK_THROWS_AS(make({.lr = -1}), ArgumentError);
  CHECK_THROWS_AS(make({.eps = -1}), ArgumentError);
  CHECK_THROWS_AS(make({.weight_decay = -1}), ArgumentError);
  CHECK_THROWS_AS(make({.momentum = -1}), ArgumentError);
}
