#include <engram/optim/optimizer.hpp>

#include <doctest/doctest.h>

#include <engram/optim/adam.hpp>
#include <engram/optim/adamw.hpp>
#include <engram/optim/rmsprop.hpp>
#include <engram/optim/sgd.hpp>

using namespace engram;

TEST_CASE("Optimizer: each optimiser is one, for its own type alone") {
  CHECK((optim::Optimizer<optim::Adam<float>, float>));
  CHECK((optim::Optimizer<optim::AdamW<float>, float>));
  CHECK((optim::Optimizer<optim::RMSprop<double>, double>));
  CHECK((optim::Optimizer<optim::SGD<double>, double>));
  CHECK_FALSE((optim::Optimizer<optim::Adam<float>, double>));
  CHECK_FALSE((optim::Optimizer<int, float>));
}
