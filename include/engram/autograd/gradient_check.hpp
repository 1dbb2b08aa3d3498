#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <engram/autograd/backward.hpp>

namespace engram {

/// The entry at which backward and central differences disagree most, or the first at which one of them is NaN.
struct GradientCheck {
  double error = 0;  ///< |analytic - numeric| / max(1, |analytic|, |numeric|)
  Index parameter = 0;
  Index entry = 0;  ///< position in row-major order
  double analytic = 0;
  double numeric = 0;

  /// One line that names the worst entry.
  std::string text() const {
    return engram::text("parameter ", parameter, " entry ", entry, ": backward ", analytic, ", central difference ",
                        numeric, ", error ", error);
  }
};

/// Compares backward with central differences for every entry of every parameter.
///
/// @param f           returns the scalar computed from the current values of `parameters`
/// @param parameters  what f depends on; restored afterwards
/// @param step        half-width of the difference
template <class F>
requires std::same_as<std::invoke_result_t<F&>, Variable<double>> GradientCheck
gradient_check(F f, std::vector<Variable<double>> parameters, double step = 1e-6) {
  const auto grads = backward(f());
  GradientCheck worst;
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    const Tensor<double>* gradient = grads.find(parameters[k]);
    for (Index i = 0; i < parameters[k].value().size(); ++i) {
      double& entry = parameters[k].mutable_value()[i];
      const double before = entry;
      entry = before + step;
      const double above = f().value().item();
      entry = before - step;
      const double below = f().value().item();
      entry = before;
      const double numeric = (above - below) / (2 * step);
      const double analytic = gradient == nullptr ? 0.0 : (*gradient)[i];
      const double scale = std::max({1.0, std::abs(analytic), std::abs(numeric)});
      const double error = std::abs(analytic - numeric) / scale;
      if (!(error <= worst.error) && !std::isnan(worst.error)) {
        worst = {error, static_cast<Index>(k), i, analytic, numeric};
      }
    }
  }
  return worst;
}

/// The error of the worst entry, see gradient_check.
template <class F>
double gradient_error(F f, std::vector<Variable<double>> parameters, double step = 1e-6) {
  return gradient_check(std::move(f), std::move(parameters), step).error;
}

}  // namespace engram
