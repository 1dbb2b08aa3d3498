#include <engram/optim/warmup.hpp>

#include <doctest/doctest.h>

#include <engram/optim/step_schedules.hpp>

using namespace engram;
using namespace engram::optim;

TEST_CASE("Warmup: rises linearly, then stays at the base rate") {
  const Warmup schedule{.total_iters = 4, .start_factor = 0.5};
  const auto at = [&](Index step) { return schedule(8, {.step = step, .steps = 100}); };
  CHECK(at(0) == 4);
  CHECK(at(1) == 5);
  CHECK(at(3) == 7);
  CHECK(at(4) == 8);
  CHECK(at(50) == 8);
  CHECK(Warmup{.total_iters = 4}(9, {}) == doctest::Approx(3));
}

TEST_CASE("Warmup: multiplies the schedule that follows, which sees the same moment") {
  const Warmup schedule{.total_iters = 4, .start_factor = 0, .then = StepLR{.step_size = 2, .gamma = 0.5}};
  CHECK(schedule(8, {.epoch = 2, .step = 2}) == 2);
  CHECK(schedule(8, {.epoch = 4, .step = 4}) == 2);
}

TEST_CASE("Warmup: impossible options are named") {
  CHECK_THROWS_WITH_AS(Warmup{}(1, {}),
                       "Warmup: need total_iters >= 1 and 0 <= start_factor <= 1, got 0 and 0.3333333333333333",
                       ArgumentError);
  CHECK_THROWS_AS((Warmup{.total_iters = 4, .start_factor = 1.5}(1, {})), ArgumentError);
}
