#pragma once

#include <algorithm>
#include <cmath>

#include <engram/optim/schedule.hpp>

namespace engram::optim {

/// Falls from the base rate to eta_min along half a cosine:
/// eta_min + (base - eta_min) (1 + cos(pi epoch / t_max)) / 2, which rises again after t_max epochs, as PyTorch's.
/// With t_max = 0 it is step by step over the whole run, cos(pi step / steps), and stays at eta_min after its end.
/// Throws ArgumentError, when asked for a rate, for a t_max or eta_min below 0.
/// Source: Loshchilov, Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, equation 5, without
/// the restarts; PyTorch's CosineAnnealingLR.
struct CosineAnnealingLR {
  Index t_max = 0;  ///< epochs; 0: the run
  double eta_min = 0;

  double operator()(double base, const Moment& moment) const {
    ensure<ArgumentError>(t_max >= 0 && eta_min >= 0, "CosineAnnealingLR: need t_max, eta_min >= 0, got ", t_max, ", ",
                          eta_min);
    const Index at = t_max > 0 ? moment.epoch : std::min(moment.step, moment.steps);
    const Index end = t_max > 0 ? t_max : std::max<Index>(moment.steps, 1);
    const double angle = detail::pi * static_cast<double>(at) / static_cast<double>(end);
    return eta_min + (base - eta_min) * (1 + std::cos(angle)) / 2;
  }
};

/// Rises from max_lr / div_factor to max_lr within the first share pct_start of all steps, then falls to
/// max_lr / (div_factor * final_div_factor), both along half a cosine, and stays there. The base rate is not used.
/// Throws ArgumentError, when asked for a rate, without max_lr, for factors that are not above 0 or a share outside
/// [0, 1].
/// Source: Smith, Topin, "Super-convergence: very fast training of neural networks using large learning rates", 2018,
/// with the names, defaults and cosine form of PyTorch's OneCycleLR. Adam's betas are not cycled.
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
    return to + (from - to) / 2 * (1 + std::cos(detail::pi * share));
  }
};

}  // namespace engram::optim
