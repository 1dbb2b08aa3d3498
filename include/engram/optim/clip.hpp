#pragma once

#include <cmath>
#include <concepts>
#include <utility>
#include <vector>

#include <engram/autograd/backward.hpp>
#include <engram/kernels/elementwise.hpp>

namespace engram::optim {

namespace detail {

/// max |g|; NaN if an element is.
template <std::floating_point T>
double largest_magnitude(const Tensor<T>& g) {
  double largest = 0;
  for (const T value : g.elements()) {
    const double magnitude = std::abs(static_cast<double>(value));
    largest = magnitude <= largest ? largest : magnitude;
    if (std::isnan(largest)) {
      break;
    }
  }
  return largest;
}

/// The sum of |g|^p in double, in a fixed order.
template <std::floating_point T>
double power_sum(const Tensor<T>& g, double p) {
  if (p == 2) {
    return kernels::map_sum([](T v) { return static_cast<double>(v) * static_cast<double>(v); }, g);
  }
  return kernels::map_sum([p](T v) { return std::pow(std::abs(static_cast<double>(v)), p); }, g);
}

}  // namespace detail

/// Scales all gradients by one factor, min(1, max_norm / (norm + 1e-6)), so that their norm, taken over all of them as
/// one vector, is at most max_norm.
///
/// Parameters without a gradient are skipped. A norm that is not finite is not an error, as in PyTorch: infinity makes
/// finite elements 0 and infinite ones NaN, NaN makes all NaN; whoever wants to stop there looks at the result.
/// @param norm_type  p of the norm (sum |g|^p)^(1/p); infinity for max |g|
/// @returns          the norm before clipping, 0 if there are no gradients
/// @throws ArgumentError for a max_norm below 0 or NaN, or a norm_type that is not above 0
/// Sources: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013; PyTorch's
/// clip_grad_norm_
template <std::floating_point T>
double clip_grad_norm(Gradients<T>& gradients, const std::vector<Variable<T>>& parameters, double max_norm,
                      double norm_type = 2) {
  ensure<ArgumentError>(max_norm >= 0 && norm_type > 0, "clip_grad_norm: need max_norm >= 0 and norm_type > 0, got ",
                        max_norm, " and ", norm_type);
  double norm = 0;
  for (const auto& parameter : parameters) {
    const Tensor<T>* g = gradients.find(parameter);
    if (g == nullptr) {
      continue;
    }
    if (std::isinf(norm_type)) {
      const double largest = detail::largest_magnitude(*g);
      norm = largest <= norm || std::isnan(norm) ? norm : largest;
    } else {
      norm += detail::power_sum(*g, norm_type);
    }
  }
  if (!std::isinf(norm_type)) {
    norm = norm_type == 2 ? std::sqrt(norm) : std::pow(norm, 1 / norm_type);
  }
  const double factor = max_norm / (norm + 1e-6);
  if (factor >= 1) {
    return norm;
  }
  for (const auto& parameter : parameters) {
    if (Tensor<T>* g = gradients.find(parameter)) {
      *g = kernels::map_in_place([scale = static_cast<T>(factor)](T v) { return v * scale; }, std::move(*g));
    }
  }
  return norm;
}

/// Moves each element of the gradients into [-clip_value, clip_value]; NaN stays NaN. Parameters without a gradient
/// are skipped.
/// @throws ArgumentError for a clip_value below 0 or NaN
/// Source: PyTorch's clip_grad_value_
template <std::floating_point T>
void clip_grad_value(Gradients<T>& gradients, const std::vector<Variable<T>>& parameters, double clip_value) {
  ensure<ArgumentError>(clip_value >= 0, "clip_grad_value: need clip_value >= 0, got ", clip_value);
  const auto clamp = [high = static_cast<T>(clip_value)](T v) {
    const T capped = v > high ? high : v;
    return capped < -high ? -high : capped;
  };
  for (const auto& parameter : parameters) {
    if (Tensor<T>* g = gradients.find(parameter)) {
      *g = kernels::map_in_place(clamp, std::move(*g));
    }
  }
}

}  // namespace engram::optim
