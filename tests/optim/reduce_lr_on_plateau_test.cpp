#include <engram/optim/reduce_lr_on_plateau.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

using namespace engram;
using namespace engram::optim;

namespace {

/// The rate, from 8, after each of the metrics.
std::vector<double> rates(const ReduceLROnPlateau& schedule, const std::vector<double>& metrics) {
  std::vector<double> all;
  for (std::size_t i = 1; i <= metrics.size(); ++i) {
    all.push_back(schedule(8, {.metrics = std::span(metrics).first(i)}));
  }
  return all;
}

using Rates = std::vector<double>;

}  // namespace

TEST_CASE("ReduceLROnPlateau: falls after more than `patience` validations without progress") {
  const ReduceLROnPlateau schedule{.factor = 0.5, .patience = 1};
  CHECK(schedule(8, {}) == 8);
  CHECK(rates(schedule, {3, 2, 2, 2, 2, 2}) == Rates{8, 8, 8, 4, 4, 2});
  CHECK(rates(schedule, {3, 4, 2, 4, 1, 4}) == Rates{8, 8, 8, 8, 8, 8});
  CHECK(rates(schedule, {3, NAN, NAN}) == Rates{8, 8, 4});
}

TEST_CASE("ReduceLROnPlateau: progress is what beats the threshold, relative or absolute") {
  CHECK(rates({.factor = 0.5, .patience = 0, .threshold = 0.5}, {4, 2.5, 1.9}) == Rates{8, 4, 4});
  CHECK(rates({.factor = 0.5, .patience = 0, .threshold = 2, .threshold_mode = ThresholdMode::abs}, {4, 2.5, 1.9}) ==
        Rates{8, 4, 4});
  CHECK(rates({.mode = PlateauMode::max, .factor = 0.5, .patience = 0, .threshold = 0.5}, {4, 5, 7}) == Rates{8, 4, 4});
  CHECK(rates({.mode = PlateauMode::max,
               .factor = 0.5,
               .patience = 0,
               .threshold = 2,
               .threshold_mode = ThresholdMode::abs},
              {-4, -3, -1}) == Rates{8, 4, 4});
}

TEST_CASE("ReduceLROnPlateau: nothing counts as bad while it cools down") {
  CHECK(rates({.factor = 0.5, .patience = 0, .cooldown = 2}, {1, 1, 1, 1, 1}) == Rates{8, 4, 4, 4, 2});
}

TEST_CASE("ReduceLROnPlateau: stops at min_lr, and where a reduction is too small") {
  CHECK(rates({.factor = 0.5, .patience = 0, .min_lr = 3}, {1, 1, 1, 1}) == Rates{8, 4, 3, 3});
  CHECK(rates({.factor = 0.5, .patience = 0, .eps = 2}, {1, 1, 1, 1}) == Rates{8, 4, 4, 4});
}

TEST_CASE("ReduceLROnPlateau: impossible options are named") {
  CHECK_THROWS_WITH_AS(ReduceLROnPlateau{.factor = 1}(1, {}),
                       "ReduceLROnPlateau: need 0 <= factor < 1 and patience, threshold, cooldown, min_lr, eps >= 0, "
                       "got 1, 10, 1e-04, 0, 0, 1e-08",
                       ArgumentError);
  CHECK_THROWS_AS(ReduceLROnPlateau{.patience = -1}(1, {}), ArgumentError);
  CHECK_THROWS_AS(ReduceLROnPlateau{.threshold = -1}(1, {}), ArgumentError);
  CHECK_THROWS_AS(ReduceLROnPlateau{.cooldown = -1}(1, {}), ArgumentError);
  CHECK_THROWS_AS(ReduceLROnPlateau{.min_lr = -1}(1, {}), ArgumentError);
  CHECK_THROWS_AS(ReduceLROnPlateau{.eps = -1}(1, {}), ArgumentError);
}
