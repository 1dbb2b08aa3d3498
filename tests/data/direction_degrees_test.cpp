#include <engram/data/direction_degrees.hpp>

#include <doctest/doctest.h>

using engram::data::direction_degrees;

TEST_CASE("direction_degrees: clockwise on screen from the right, never 360") {
  CHECK(direction_degrees(1, 0) == 0);
  CHECK(direction_degrees(0, 2) == doctest::Approx(90));  // down
  CHECK(direction_degrees(-3, 0) == doctest::Approx(180));
  CHECK(direction_degrees(0, -1) == doctest::Approx(270));
  CHECK(direction_degrees(1, -1e-300) == 0);
  CHECK(direction_degrees(0, 0) == 0);
}
