#pragma once

#include <cmath>
#include <numbers>

namespace engram::data {

/// Angle of a direction (x to the right, y down) in degrees, in [0, 360): 0 to the right, growing clockwise on screen.
/// Of (0, 0) it is 0.
inline double direction_degrees(double x, double y) {
  const double angle = std::atan2(y, x) * (180 / std::numbers::pi);
  const double turned = angle < 0 ? angle + 360 : angle;
  return turned < 360 ? turned : 0;
}

}  // namespace engram::data
