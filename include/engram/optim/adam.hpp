#pragma once

#include <cmath>
#include <concepts>
#include <string_view>
#include <vector>

#include <engram/kernels/simd/square_root.hpp>
#include <engram/optim/rule_optimizer.hpp>

namespace engram::optim {

struct AdamOptions {
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;  ///< added to the gradient as weight_decay * parameter
  bool amsgrad = false;     ///< divides by the root of the largest running mean square so far
};

namespace detail {

/// Where the two kinds of Adam apply weight decay: to the gradient, or to the parameter beside it.
enum class Decay { coupled, decoupled };

template <class Options>
void check_adam(std::string_view name, const Options& o) {
  const auto in_unit = [](double beta) { return beta >= 0 && beta < 1; };
  ensure<ArgumentError>(o.lr >= 0 && o.eps >= 0 && o.weight_decay >= 0 && in_unit(o.beta1) && in_unit(o.beta2), name,
                        ": need lr, eps, weight_decay >= 0 and betas in [0, 1), got lr ", o.lr, ", eps ", o.eps,
                        ", weight_decay ", o.weight_decay, ", betas ", o.beta1, ", ", o.beta2);
}

template <class Options>
std::vector<SlotNeed> adam_slots(const Options& o) {
  return {{"step"}, {"exp_avg"}, {"exp_avg_sq"}, {"max_exp_avg_sq", o.amsgrad}};
}

template <Decay kind, class Options, std::floating_point T>
void update_adam(const Options& o, const ParameterStep<T>& s) {
  const double correction1 = 1 - std::pow(o.beta1, s.count());
  const double correction2 = 1 - std::pow(o.beta2, s.count());
  const T step_size = static_cast<T>(s.lr / correction1);
  const T inverse_root = static_cast<T>(1 / std::sqrt(correction2));
  const T eps = static_cast<T>(o.eps);
  const T b1 = static_cast<T>(o.beta1);
  const T b2 = static_cast<T>(o.beta2);
  const T c1 = static_cast<T>(1 - o.beta1);
  const T c2 = static_cast<T>(1 - o.beta2);
  const T decay = static_cast<T>(kind == Decay::coupled ? o.weight_decay : 0);
  const T keep = static_cast<T>(kind == Decay::decoupled ? 1 - s.lr * o.weight_decay : 1);
  T* p = s.parameter;
  const T* g = s.gradient;
  T* m = s.slot("exp_avg");
  T* v = s.slot("exp_avg_sq");
  T* largest = o.amsgrad ? s.slot("max_exp_avg_sq") : v;  // v itself: the maximum below changes nothing
  s.for_each_element([=](Index i) {
    const T slope = g[i] + decay * p[i];
    m[i] = b1 * m[i] + c1 * slope;
    const T square = b2 * v[i] + c2 * slope * slope;
    v[i] = square;
    const T divisor = largest[i] > square ? largest[i] : square;
    largest[i] = divisor;
    p[i] = keep * p[i] - step_size * m[i] / (kernels::simd::square_root(divisor) * inverse_root + eps);
  });
}

}  // namespace detail

/// g += weight_decay p; m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2;
/// p -= lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps), t being the steps of this parameter. With amsgrad, the
/// largest v so far takes v's place in the last line.
struct AdamRule {
  using Options = AdamOptions;
  static constexpr std::string_view name = "Adam";
  static void check(const Options& o) { detail::check_adam(name, o); }
  static std::vector<SlotNeed> slots(const Options& o) { return detail::adam_slots(o); }
  template <std::floating_point T>
  static void update(const Options& o, const ParameterStep<T>& s) {
    detail::update_adam<detail::Decay::coupled>(o, s);
  }
};

/// Adam: steps along the running mean of the gradient, over the root of its running mean square: `Adam<float>
/// adam(parameters, {.lr = 1e-3})`. The rule is AdamRule's.
///
/// Throws ArgumentError for a lr, eps or weight_decay below 0 or betas outside [0, 1).
/// Sources: Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1; amsgrad: Reddi, Kale,
/// Kumar, "On the convergence of Adam and beyond", ICLR 2018, with the bias corrections, as in PyTorch.
template <std::floating_point T>
using Adam = RuleOptimizer<T, AdamRule>;

}  // namespace engram::optim
