#pragma once

#include <algorithm>

#include <engram/optim/schedule.hpp>

namespace engram::optim {

/// Begins with small steps: the rate of the schedule `then`, times a factor that rises linearly from start_factor to 1
/// over the first total_iters steps: start_factor + (1 - start_factor) min(1, step / total_iters).
///
/// `then` sees the same moment; it is not shifted by the warm-up. Empty, it is the base rate throughout.
/// Throws ArgumentError, when asked for a rate, without total_iters or for a start_factor outside [0, 1].
/// Sources: Goyal et al., "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, section 2.2; PyTorch's
/// LinearLR, chained with another schedule by ChainedScheduler.
struct Warmup {
  Index total_iters = 0;  ///< steps; required
  double start_factor = 1.0 / 3;
  Schedule then = {};

  double operator()(double base, const Moment& moment) const {
    ensure<ArgumentError>(total_iters >= 1 && start_factor >= 0 && start_factor <= 1,
                          "Warmup: need total_iters >= 1 and 0 <= start_factor <= 1, got ", total_iters, " and ",
                          start_factor);
    const double done = static_cast<double>(std::min(moment.step, total_iters)) / static_cast<double>(total_iters);
    const double factor = start_factor + (1 - start_factor) * done;
    return factor * (then ? then(base, moment) : base);
  }
};

}  // namespace engram::optim
