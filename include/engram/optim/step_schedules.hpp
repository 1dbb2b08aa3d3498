#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include <engram/optim/schedule.hpp>

namespace engram::optim {

/// Multiplies the rate by gamma every step_size epochs: base * gamma^floor(epoch / step_size).
/// Throws ArgumentError, when asked for a rate, for step_size < 1 or a gamma below 0.
/// Source: PyTorch's StepLR.
struct StepLR {
  Index step_size = 1;
  double gamma = 0.1;

  double operator()(double base, const Moment& moment) const {
    ensure<ArgumentError>(step_size >= 1 && gamma >= 0, "StepLR: need step_size >= 1 and gamma >= 0, got ", step_size,
                          " and ", gamma);
    return base * std::pow(gamma, static_cast<double>(moment.epoch / step_size));
  }
};

/// Multiplies the rate by gamma at each of the given epochs: base * gamma^(number of milestones <= epoch). An epoch
/// that is given twice counts twice.
/// Throws ArgumentError, when asked for a rate, for a milestone or a gamma below 0.
/// Source: PyTorch's MultiStepLR.
struct MultiStepLR {
  std::vector<Index> milestones = {};
  double gamma = 0.1;

  double operator()(double base, const Moment& moment) const {
    ensure<ArgumentError>(gamma >= 0, "MultiStepLR: need gamma >= 0, got ", gamma);
    for (const Index milestone : milestones) {
      ensure<ArgumentError>(milestone >= 0, "MultiStepLR: need milestones >= 0, got ", milestone);
    }
    const auto passed = std::ranges::count_if(milestones, [&](Index m) { return m <= moment.epoch; });
    return base * std::pow(gamma, static_cast<double>(passed));
  }
};

/// Multiplies the rate by gamma each epoch: base * gamma^epoch.
/// Throws ArgumentError, when asked for a rate, for a gamma that is not given or below 0.
/// Source: PyTorch's ExponentialLR.
struct ExponentialLR {
  double gamma = -1;  ///< required

  double operator()(double base, const Moment& moment) const {
    ensure<ArgumentError>(gamma >= 0, "ExponentialLR: need gamma >= 0 (it has no default), got ", gamma);
    return base * std::pow(gamma, static_cast<double>(moment.epoch));
  }
};

}  // namespace engram::optim
