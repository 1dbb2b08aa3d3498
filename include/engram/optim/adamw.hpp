#pragma once

#include <concepts>
#include <string_view>
#include <vector>

#include <engram/optim/adam.hpp>

namespace engram::optim {

struct AdamWOptions {
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 1e-2;  ///< each step first multiplies the parameter by 1 - lr * weight_decay
  bool amsgrad = false;        ///< divides by the root of the largest running mean square so far
};

/// p *= 1 - lr weight_decay, then Adam's step without weight decay (AdamRule).
struct AdamWRule {
  using Options = AdamWOptions;
  static constexpr std::string_view name = "AdamW";
  static void check(const Options& o) { detail::check_adam(name, o); }
  static std::vector<SlotNeed> slots(const Options& o) { return detail::adam_slots(o); }
  template <std::floating_point T>
  static void update(const Options& o, const ParameterStep<T>& s) {
    detail::update_adam<detail::Decay::decoupled>(o, s);
  }
};

/// Adam with weight decay that is decoupled from the gradient, so that it is not divided by the running mean square:
/// `AdamW<float> adam(parameters, {.lr = 1e-3, .weight_decay = 0.05})`. The rule is AdamWRule's.
///
/// Throws ArgumentError for a lr, eps or weight_decay below 0 or betas outside [0, 1).
/// Source: Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2, with lr in the decay as
/// in PyTorch.
template <std::floating_point T>
using AdamW = RuleOptimizer<T, AdamWRule>;

}  // namespace engram::optim
