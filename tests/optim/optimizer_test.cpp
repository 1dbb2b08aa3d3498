#include <engram/optim/optimizer.hpp>

#include <doctest/doctest.h>

#include <engram/optim/adam.hpp>

using namespace engram;

TEST_CASE("Optimizer: Adam is one, for its own type alone") {
  CHECK((optim::Optimizer<optim::Adam<float>, float>));
  CHECK_FALSE((optim::Optimizer<optim::Adam<float>, double>));
  CHECK_FALSE((optim::Optimizer<int, float>));
}
