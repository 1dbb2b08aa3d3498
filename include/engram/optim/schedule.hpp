#pragma once

#include <functional>
#include <span>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>

namespace engram::optim {

/// Where a training stands when the learning rate of the next step is asked for.
struct Moment {
  Index epoch = 0;                       ///< complete epochs
  Index step = 0;                        ///< steps taken
  Index steps = 1;                       ///< steps of the whole run
  std::span<const double> metrics = {};  ///< the monitored loss of each validation so far, in order
};

/// The learning rate at a moment of a run that began with the rate `base`: a pure function, so that a resumed run
/// needs nothing but the moment.
using Schedule = std::function<double(double base, const Moment& moment)>;

namespace detail {

inline constexpr double pi = 3.141592653589793238463;

}  // namespace detail

}  // namespace engram::optim
