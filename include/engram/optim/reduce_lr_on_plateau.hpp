#pragma once

#include <algorithm>
#include <limits>

#include <engram/optim/schedule.hpp>

namespace engram::optim {

/// Which metrics are better: small ones (a loss) or large ones (an accuracy).
enum class PlateauMode { min, max };

/// By how much a metric must beat the best so far: by a share of it, or by a number.
enum class ThresholdMode { rel, abs };

/// Multiplies the rate by factor when more than `patience` validations in a row were no better than the best before.
///
/// A metric m is better than the best b if m < b (1 - threshold); with ThresholdMode::abs if m < b - threshold; with
/// PlateauMode::max if m > b (1 + threshold) or m > b + threshold. NaN is never better. After a reduction, the next
/// `cooldown` validations do not count as bad. The rate never falls below min_lr, and stays as it is where a reduction
/// would change it by no more than eps. All this is replayed over moment.metrics, so there is no state to keep: losses,
/// unless FitOptions::watch names another column of the history, such as a metric for PlateauMode::max.
/// Throws ArgumentError, when asked for a rate, for a factor outside [0, 1) and any other number below 0.
/// Source: PyTorch's ReduceLROnPlateau, whose names and defaults these are; its epochs are validations here.
struct ReduceLROnPlateau {
  PlateauMode mode = PlateauMode::min;
  double factor = 0.1;
  Index patience = 10;
  double threshold = 1e-4;
  ThresholdMode threshold_mode = ThresholdMode::rel;
  Index cooldown = 0;
  double min_lr = 0;
  double eps = 1e-8;

  double operator()(double base, const Moment& moment) const {
    check();
    double rate = base;
    double best =
        mode == PlateauMode::min ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
    Index bad = 0;
    Index cooling = 0;
    for (const double metric : moment.metrics) {
      if (better(metric, best)) {
        best = metric;
        bad = 0;
      } else {
        ++bad;
      }
      if (cooling > 0) {
        --cooling;
        bad = 0;
      }
      if (bad > patience) {
        const double lower = std::max(rate * factor, min_lr);
        rate = rate - lower > eps ? lower : rate;
        cooling = cooldown;
        bad = 0;
      }
    }
    return rate;
  }

 private:
  bool better(double metric, double best) const {
    const bool relative = threshold_mode == ThresholdMode::rel;
    return mode == PlateauMode::min ? metric < (relative ? best * (1 - threshold) : best - threshold)
                                    : metric > (relative ? best * (1 + threshold) : best + threshold);
  }

  void check() const {
    ensure<ArgumentError>(
        factor >= 0 && factor < 1 && patience >= 0 && threshold >= 0 && cooldown >= 0 && min_lr >= 0 && eps >= 0,
        "ReduceLROnPlateau: need 0 <= factor < 1 and patience, threshold, cooldown, min_lr, eps >= "
        "0, got ",
        factor, ", ", patience, ", ", threshold, ", ", cooldown, ", ", min_lr, ", ", eps);
  }
};

}  // namespace engram::optim
