#include <engram/optim/cosine_schedules.hpp>

#include <doctest/doctest.h>

using namespace engram;
using namespace engram::optim;

TEST_CASE("CosineAnnealingLR: falls for t_max epochs and rises again") {
  const CosineAnnealingLR schedule{.t_max = 4, .eta_min = 2};
  const auto at = [&](Index epoch) { return schedule(10, {.epoch = epoch, .step = 77, .steps = 100}); };
  CHECK(at(0) == 10);
  CHECK(at(1) == doctest::Approx(6 + 4 * std::sqrt(0.5)));
  CHECK(at(2) == doctest::Approx(6));
  CHECK(at(4) == 2);
  CHECK(at(8) == doctest::Approx(10));
}

TEST_CASE("CosineAnnealingLR: without t_max it falls step by step over the run") {
  const CosineAnnealingLR schedule{.eta_min = 2};
  const auto at = [&](Index step) { return schedule(10, {.epoch = 3, .step = step, .steps = 8}); };
  CHECK(at(0) == 10);
  CHECK(at(2) == doctest::Approx(6 + 4 * std::sqrt(0.5)));
  CHECK(at(4) == doctest::Approx(6));
  CHECK(at(8) == 2);
  CHECK(at(11) == 2);
  CHECK(schedule(10, {.steps = 0}) == 10);
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

TEST_CASE("cosine schedules: impossible options are named") {
  CHECK_THROWS_WITH_AS(CosineAnnealingLR{.t_max = -1}(1, {}), "CosineAnnealingLR: need t_max, eta_min >= 0, got -1, 0",
                       ArgumentError);
  CHECK_THROWS_AS(CosineAnnealingLR{.eta_min = -1}(1, {}), ArgumentError);
  CHECK_THROWS_WITH_AS(OneCycleLR{}(1, {}),
                       "OneCycleLR: need max_lr, div_factor, final_div_factor > 0 and 0 <= pct_start <= 1, got 0, 25, "
                       "10000, 0.3",
                       ArgumentError);
  CHECK_THROWS_AS((OneCycleLR{.max_lr = 1, .pct_start = 1.5}(1, {})), ArgumentError);
}
