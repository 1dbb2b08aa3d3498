#include <doctest/doctest.h>

#include "golden/operations.hpp"

TEST_CASE("operations: outputs, gradients and running statistics as PyTorch's, in double") {
  golden::check_operations<double>(1e-10);
}
