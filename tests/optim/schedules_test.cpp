#include <engram/optim/schedules.hpp>

#include <doctest/doctest.h>

using namespace engram;
using namespace engram::optim;

TEST_CASE("Schedule: each is one, and a function of one's own is") {
  const double metrics[] = {1, 1, 1};
  const Moment moment{.epoch = 2, .step = 20, .steps = 40, .metrics = metrics};
  const std::vector<Schedule> all{StepLR{.step_size = 2, .gamma = 0.5},
                                  MultiStepLR{.milestones = {1}, .gamma = 0.5},
                                  ExponentialLR{.gamma = 0.7071067811865476},
                                  CosineAnnealingLR{},
                                  ReduceLROnPlateau{.factor = 0.5, .patience = 1},
                                  Warmup{.total_iters = 40, .start_factor = 0},
                                  OneCycleLR{.max_lr = 4, .pct_start = 21.0 / 40},
                                  [](double base, const Moment& m) { return base / static_cast<double>(m.epoch); }};
  for (std::size_t i = 0; i < all.size(); ++i) {
    CAPTURE(i);
    CHECK(all[i](8, moment) == doctest::Approx(4));
  }
}
