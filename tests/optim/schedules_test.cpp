#include <engram/optim/schedules.hpp>

#include <doctest/doctest.h>

using namespace engram;
using namespace engram::optim;

TEST_CASE("StepLR: falls every step_size epochs") {
  const StepLR schedule{.step_size = 3, .gamma = 0.5};
  CHECK(schedule(8, {.epoch = 0}) == 8);
  CHECK(schedule(8, {.epoch = 2, .step = 1000}) == 8);
  CHECK(schedule(8, {.epoch = 3}) == 4);
  CHECK(schedule(8, {.epoch = 8}) == 2);
}

TEST_CASE("OneCycleLR: rises and falls along half cosines") {
  const OneCycleLR schedule{.max_lr = 8, .pct_start = 0.5, .div_factor = 4, .final_div_factor = 2};
  const auto at = [&](Index step) { return schedule(123, {.step = step, .steps = 10}); };
  CHECK(at(0) == doctest::Approx(2));
  CHECK(at(1) == doctest::Approx(8 - 3 * (1 + std::sqrt(0.5))));
  CHECK(at(2) == doctest::Approx(5));
  CHECK(at(4) == doctest::Approx(8));
  CHECK(at(5) < 8);
  CHECK(at(9) == doctest::Approx(1));
}

TEST_CASE("OneCycleLR: stays at its last rate after the end") {
  const OneCycleLR schedule{.max_lr = 1};
  CHECK(schedule(0, {.step = 9, .steps = 10}) == doctest::Approx(1.0 / 25 / 1e4));
  CHECK(schedule(0, {.step = 15, .steps = 10}) == doctest::Approx(1.0 / 25 / 1e4));
}

TEST_CASE("OneCycleLR: runs of one step and phases of no length give finite rates") {
  for (const double share : {0.0, 0.1, 0.3, 1.0}) {
    for (const Index steps : {1, 2, 10}) {
      const OneCycleLR schedule{.max_lr = 1, .pct_start = share};
      for (Index step = 0; step <= steps; ++step) {
        const double rate = schedule(0, {.step = step, .steps = steps});
        CHECK((rate > 0 && rate <= 1));
      }
    }
  }
}

TEST_CASE("schedules: impossible options are named") {
  CHECK_THROWS_WITH_AS(StepLR{.step_size = 0}(1, {}), "StepLR: need step_size >= 1, got 0", ArgumentError);
  CHECK_THROWS_WITH_AS(OneCycleLR{}(1, {}),
                       "OneCycleLR: need max_lr, div_factor, final_div_factor > 0 and 0 <= pct_start <= 1, got 0, 25, "
                       "10000, 0.3",
                       ArgumentError);
  CHECK_THROWS_AS((OneCycleLR{.max_lr = 1, .pct_start = 1.5}(1, {})), ArgumentError);
}
