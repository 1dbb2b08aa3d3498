#include <doctest/doctest.h>

#include "golden/operations.hpp"

TEST_CASE("operations: outputs, gradients and running statistics as PyTorch's, in float") {
  golden::check_operations<float>(1e-4);
}
