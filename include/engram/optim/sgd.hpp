#pragma once

#include <concepts>
#include <limits>
#include <string_view>
#include <vector>

#include <engram/optim/rule_optimizer.hpp>

namespace engram::optim {

struct SGDOptions {
  double lr = std::numeric_limits<double>::quiet_NaN();  ///< required
  double momentum = 0;
  double dampening = 0;     ///< 1 - dampening of the gradient enters the momentum, but in the first step all of it
  double weight_decay = 0;  ///< added to the gradient as weight_decay * parameter
  bool nesterov = false;
};

/// g += weight_decay p; b = momentum b + (1 - dampening) g, at first b = g; p -= lr b, or with nesterov
/// p -= lr (g + momentum b). Without momentum p -= lr g.
struct SGDRule {
  using Options = SGDOptions;
  static constexpr std::string_view name = "SGD";

  static void check(const Options& o) {
    ensure<ArgumentError>(o.lr >= 0 && o.momentum >= 0 && o.weight_decay >= 0 && o.dampening == o.dampening,
                          "SGD: need lr (it has no default), momentum, weight_decay >= 0 and a dampening, got lr ",
                          o.lr, ", momentum ", o.momentum, ", weight_decay ", o.weight_decay, ", dampening ",
                          o.dampening);
    ensure<ArgumentError>(!o.nesterov || (o.momentum > 0 && o.dampening == 0),
                          "SGD: need momentum > 0 and dampening 0 with nesterov, got momentum ", o.momentum,
                          ", dampening ", o.dampening);
  }

  static std::vector<SlotNeed> slots(const Options& o) {
    return {{"step", o.momentum != 0 && o.dampening != 0}, {"momentum_buffer", o.momentum != 0}};
  }

  template <std::floating_point T>
  static void update(const Options& o, const ParameterStep<T>& s) {
    T* p = s.parameter;
    const T* g = s.gradient;
    const T lr = static_cast<T>(s.lr);
    const T decay = static_cast<T>(o.weight_decay);
    if (o.momentum == 0) {
      s.for_each_element([=](Index i) { p[i] -= lr * (g[i] + decay * p[i]); });
      return;
    }
    const bool first = o.dampening != 0 && s.count() == 1;  // without dampening a buffer of zeros does the same
    const T keep = static_cast<T>(first ? 0 : o.momentum);
    const T take = static_cast<T>(first ? 1 : 1 - o.dampening);
    const T of_slope = o.nesterov ? T{1} : T{0};
    const T of_buffer = o.nesterov ? static_cast<T>(o.momentum) : T{1};
    T* b = s.slot("momentum_buffer");
    s.for_each_element([=](Index i) {
      const T slope = g[i] + decay * p[i];
      b[i] = keep * b[i] + take * slope;
      p[i] -= lr * (of_slope * slope + of_buffer * b[i]);
    });
  }
};

/// Stochastic gradient descent, with momentum (also Nesterov's) and weight decay: `SGD<float> sgd(parameters, {.lr =
/// 0.1, .momentum = 0.9})`. The rule is SGDRule's.
///
/// Throws ArgumentError without lr, for a lr, momentum or weight_decay below 0, and for nesterov without momentum or
/// with dampening.
/// Source: Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning", ICML
/// 2013, in the form that PyTorch gives it, where lr multiplies the momentum too.
template <std::floating_point T>
using SGD = RuleOptimizer<T, SGDRule>;

}  // namespace engram::optim
