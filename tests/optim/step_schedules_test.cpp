#include <engram/optim/step_schedules.hpp>

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

TEST_CASE("MultiStepLR: falls at each milestone, in whatever order they are given") {
  const MultiStepLR schedule{.milestones = {5, 2, 5}, .gamma = 0.5};
  CHECK(schedule(8, {.epoch = 1}) == 8);
  CHECK(schedule(8, {.epoch = 2}) == 4);
  CHECK(schedule(8, {.epoch = 4}) == 4);
  CHECK(schedule(8, {.epoch = 5}) == 1);
  CHECK(MultiStepLR{}(8, {.epoch = 100}) == 8);
}

TEST_CASE("ExponentialLR: falls every epoch") {
  const ExponentialLR schedule{.gamma = 0.5};
  CHECK(schedule(8, {}) == 8);
  CHECK(schedule(8, {.epoch = 3}) == 1);
}

TEST_CASE("step schedules: impossible options are named") {
  CHECK_THROWS_WITH_AS(StepLR{.step_size = 0}(1, {}), "StepLR: need step_size >= 1 and gamma >= 0, got 0 and 0.1",
                       ArgumentError);
  CHECK_THROWS_AS(StepLR{.gamma = -1}(1, {}), ArgumentError);
  CHECK_THROWS_WITH_AS((MultiStepLR{.milestones = {3, -1}}(1, {})), "MultiStepLR: need milestones >= 0, got -1",
                       ArgumentError);
  CHECK_THROWS_WITH_AS(MultiStepLR{.gamma = -1}(1, {}), "MultiStepLR: need gamma >= 0, got -1", ArgumentError);
  CHECK_THROWS_WITH_AS(ExponentialLR{}(1, {}), "ExponentialLR: need gamma >= 0 (it has no default), got -1",
                       ArgumentError);
}
