#include <engram/optim/rule.hpp>

#include <doctest/doctest.h>

#include <engram/optim/adam.hpp>

using namespace engram;
using optim::ParameterStep;

TEST_CASE("ParameterStep: slots are found by name") {
  float count = 3;
  float mean[] = {1, 2};
  const ParameterStep<float> step{.size = 2, .in_slot = {{"step", &count}, {"exp_avg", mean}}};
  CHECK(step.slot("exp_avg") == mean);
  CHECK(step.slot("exp_avg_sq") == nullptr);
  CHECK(step.count() == 3);
  CHECK(ParameterStep<float>{}.count() == 0);
}

TEST_CASE("ParameterStep: each element is visited once") {
  for (const Index size : {0, 1, 15, 16, 17, (1 << 14) + 1}) {
    std::vector<float> visits(static_cast<std::size_t>(size), 0);
    const ParameterStep<float> step{.size = size};
    step.for_each_element([at = visits.data()](Index i) { at[i] += 1; });
    CHECK(visits == std::vector<float>(static_cast<std::size_t>(size), 1));
  }
}

TEST_CASE("Rule: what an optimiser consists of") {
  CHECK((optim::Rule<optim::AdamRule, float>));
  CHECK_FALSE((optim::Rule<optim::AdamOptions, float>));
}
