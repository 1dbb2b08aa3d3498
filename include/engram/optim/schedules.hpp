#pragma once

#include <cmath>
#include <functional>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram::optim {

/// Where a training stands when the learning rate of the next step is asked for.
struct Moment {
  Index epoch = 0;  ///< complete epochs
  Index step = 0;   ///< steps taken
  Index steps = 1;  ///< steps of the whole run
};

/// The learning rate at a moment of a run that began with the rate `base`: a pure function, so that a resumed run
/// needs nothing but the moment.
using Schedule = std::function<double(double base, const Moment& moment)>;

/// Multiplies the rate by gamma every step_size epochs: base * gamma^floor(epoch / step_size).
struct StepLR {
  Index step_size = 1;
  double gamma = 0.1;

  double operator()(double base, const Moment& moment) const {
    ensure<ArgumentError>(step_size > 0, "StepLR: need step_size >= 1, got ", step_size);
    return base * std::pow(gamma, static_cast<double>(moment.epoch / step_size));
  }
};

/// Rises from max_lr / div_factor to max_lr within the first share pct_start of all steps, then falls to
/// max_lr / (div_factor * final_div_factor), both along half a cosine, and stays there. The base rate is not used.
/// Source: Smith, Topin, "Super-convergence", 2018, with PyTorch's names, defaults and cosine form. Adam's betas
/// are not cycled.
struct OneCycleLR {
  double max_lr = 0;  ///< required
  double pct_start = 0.3;
  double div_factor = 25;
  double final_div_factor = 1e4;

  double operator()(double, const Moment& moment) const {
    ensure<ArgumentError>(max_lr > 0 && pct_start >= 0 && pct_start <= 1 && div_factor > 0 && final_div_factor > 0,
                          "OneCycleLR: need max_lr, div_factor, final_div_factor > 0 and 0 <= pct_start <= 1, got ",
                          max_lr, ", ", div_factor, ", ", final_div_factor, ", ", pct_start);
    const double peak = pct_start * static_cast<double>(moment.steps) - 1;
    const double last = static_cast<double>(moment.steps - 1);
    const double step = static_cast<double>(moment.step);
    const double first_lr = max_lr / div_factor;
    if (step <= peak) {
      return along_cosine(first_lr, max_lr, peak > 0 ? step / peak : 1);
    }
    return along_cosine(max_lr, first_lr / final_div_factor, step < last ? (step - peak) / (last - peak) : 1);
  }

 private:
  static double along_cosine(double from, double to, double share) {
    return to + (from - to) / 2 * (1 + std::cos(3.141592653589793238463 * share));
  }
};

}  // namespace engram::optim
