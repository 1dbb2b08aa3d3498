#pragma once

#include <cmath>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram::optim {

/// Multiplies the rate by gamma every step_size epochs: base * gamma^floor(epoch / step_size).
struct StepLR {
  Index step_size = 1;
  double gamma = 0.1;

  /// The rate in `epoch` = 0, 1, ... for an optimiser that began with `base`.
  double operator()(double base, Index epoch) const {
    ensure<ArgumentError>(step_size > 0, "StepLR: need step_size >= 1, got ", step_size);
    return base * std::pow(gamma, static_cast<double>(epoch / step_size));
  }
};

}  // namespace engram::optim
