#include <engram/optim/sgd.hpp>

#include <doctest/doctest.h>

#include "optim/helpers.hpp"
#include "support/numbers.hpp"
#include "support/same_bits.hpp"

using namespace engram;
using optim::SGD;
using support::parameter;
using support::slopes;
using support::value;

namespace {

/// Where a parameter that begins at 8 is after each of the slopes.
std::vector<double> sgd_path(const optim::SGDOptions& options, std::initializer_list<double> all) {
  const auto p = parameter(8);
  SGD<double> sgd({p}, options);
  std::vector<double> values;
  for (const double slope : all) {
    sgd.step(slopes({{p, slope}}));
    values.push_back(value(p));
  }
  return values;
}

}  // namespace

TEST_CASE("SGD: steps by hand") {
  CHECK(sgd_path({.lr = 0.5}, {2, -4}) == std::vector<double>{7, 9});
  CHECK(sgd_path({.lr = 0.5, .weight_decay = 0.25}, {2, 0}) == std::vector<double>{6, 5.25});
  CHECK(sgd_path({.lr = 0.5, .momentum = 0.5}, {2, 2, 0}) == std::vector<double>{7, 5.5, 4.75});  // b = 2, 3, 1.5
  CHECK(sgd_path({.lr = 0.5, .momentum = 0.5, .nesterov = true}, {2, 2}) == std::vector<double>{6.5, 4.75});
}

TEST_CASE("SGD: dampening spares the first step") {
  CHECK(sgd_path({.lr = 0.5, .momentum = 0.5, .dampening = 0.75}, {2, 2, 0}) ==
        std::vector<double>{7, 6.25, 5.875});  // b = 2, 1 + 0.5, 0.75
  CHECK(sgd_path({.lr = 0.5, .dampening = 0.75}, {2}) == std::vector<double>{7});
}

TEST_CASE("SGD: the first step is each parameter's own") {
  const auto p = parameter(0);
  const auto late = parameter(8);
  SGD<double> sgd({p, late}, {.lr = 0.5, .momentum = 0.5, .dampening = 0.75});
  sgd.step(slopes({{p, 1}}));
  sgd.step(slopes({{p, 1}, {late, 2}}));
  CHECK(value(late) == 7);
}

TEST_CASE("SGD: keeps only what its options need") {
  const auto names = [](const optim::SGDOptions& options) {
    return support::slot_names(SGD<double>({parameter(1)}, options));
  };
  CHECK(names({.lr = 1}).empty());
  CHECK(names({.lr = 1, .momentum = 0.9}) == std::vector<std::string>{"momentum_buffer"});
  CHECK(names({.lr = 1, .momentum = 0.9, .dampening = 0.1}) == std::vector<std::string>{"step", "momentum_buffer"});
}

TEST_CASE("SGD: steps and slots are all that a resumed run needs") {
  for (const double dampening : {0.0, 0.3}) {
    const optim::SGDOptions options{.lr = 0.1, .momentum = 0.9, .dampening = dampening, .weight_decay = 0.01};
    for (const int resume_after : {0, 1, 3}) {
      CHECK(list(support::trained<SGD<float>>(options, 5)) ==
            list(support::trained<SGD<float>>(options, 5, resume_after)));
    }
  }
}

TEST_CASE("SGD: the same bits on any number of threads") {
  for (const double momentum : {0.0, 0.9}) {
    CHECK(same_bits_on_any_threads(
        [&] { return support::trained<SGD<float>>({.lr = 0.1, .momentum = momentum}, 2, -1, (1 << 16) + 7); }));
  }
}

TEST_CASE("SGD: a rate of 0 may be given, but one must be") {
  CHECK(sgd_path({.lr = 0}, {2}) == std::vector<double>{8});
  CHECK_THROWS_WITH_AS(SGD<double>({}, {.momentum = 0.9}),
                       "SGD: need lr (it has no default), momentum, weight_decay >= 0 and a dampening, got lr nan, "
                       "momentum 0.9, weight_decay 0, dampening 0",
                       ArgumentError);
}

TEST_CASE("SGD: impossible options are named") {
  const auto make = [](const optim::SGDOptions& options) { return SGD<double>({}, options); };
  CHECK_THROWS_WITH_AS(make({.lr = 1, .nesterov = true}),
                       "SGD: need momentum > 0 and dampening 0 with nesterov, got momentum 0, dampening 0",
                       ArgumentError);
  CHECK_THROWS_AS(make({.lr = 1, .momentum = 0.9, .dampening = 0.1, .nesterov = true}), ArgumentError);
  CHECK_THROWS_AS(make({.lr = -1}), ArgumentError);
  CHECK_THROWS_AS(make({.lr = 1, .momentum = -1}), ArgumentError);
  CHECK_THROWS_AS(make({.lr = 1, .weight_decay = -1}), ArgumentError);
}
