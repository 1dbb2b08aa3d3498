#pragma once

#include <concepts>
#include <string_view>
#include <vector>

#include <engram/kernels/simd/square_root.hpp>
#include <engram/optim/rule_optimizer.hpp>

namespace engram::optim {

struct RMSpropOptions {
  double lr = 1e-2;
  double alpha = 0.99;  ///< of the running means: what remains of them in each step
  double eps = 1e-8;
  double weight_decay = 0;  ///< added to the gradient as weight_decay * parameter
  double momentum = 0;
  bool centered = false;  ///< divides by the running standard deviation instead of the root mean square
};

/// g += weight_decay p; v = alpha v + (1 - alpha) g^2; p -= lr g / (sqrt(v) + eps).
/// Centered: m = alpha m + (1 - alpha) g, and v - m^2 takes v's place in the last line (0 where rounding makes it
/// negative; PyTorch then gives NaN). With momentum: b = momentum b + g / (sqrt(v) + eps), p -= lr b.
struct RMSpropRule {
  using Options = RMSpropOptions;
  static constexpr std::string_view name = "RMSprop";

  static void check(const Options& o) {
    ensure<ArgumentError>(o.lr >= 0 && o.alpha >= 0 && o.eps >= 0 && o.weight_decay >= 0 && o.momentum >= 0,
                          "RMSprop: need lr, alpha, eps, weight_decay, momentum >= 0, got lr ", o.lr, ", alpha ",
                          o.alpha, ", eps ", o.eps, ", weight_decay ", o.weight_decay, ", momentum ", o.momentum);
    ensure<ArgumentError>(o.alpha <= 1, "RMSprop: need alpha <= 1, got ", o.alpha);
  }

  static std::vector<SlotNeed> slots(const Options& o) {
    return {{"square_avg"}, {"momentum_buffer", o.momentum > 0}, {"grad_avg", o.centered}};
  }

  template <std::floating_point T>
  static void update(const Options& o, const ParameterStep<T>& s) {
    T* v = s.slot("square_avg");
    const T alpha = static_cast<T>(o.alpha);
    const T rest = static_cast<T>(1 - o.alpha);
    const auto square = [=](Index i, T slope) {
      v[i] = alpha * v[i] + rest * slope * slope;
      return v[i];
    };
    if (!o.centered) {
      move(o, s, square);
      return;
    }
    T* m = s.slot("grad_avg");
    move(o, s, [=](Index i, T slope) {
      m[i] = alpha * m[i] + rest * slope;
      const T variance = square(i, slope) - m[i] * m[i];
      return variance < 0 ? T{0} : variance;
    });
  }

 private:
  /// @param spread  (i, slope) -> the square of what the slope is divided by
  template <std::floating_point T, class Spread>
  static void move(const Options& o, const ParameterStep<T>& s, Spread spread) {
    T* p = s.parameter;
    const T* g = s.gradient;
    const T lr = static_cast<T>(s.lr);
    const T eps = static_cast<T>(o.eps);
    const T decay = static_cast<T>(o.weight_decay);
    const T momentum = static_cast<T>(o.momentum);
    const auto direction = [=](Index i) {
      const T slope = g[i] + decay * p[i];
      return slope / (kernels::simd::square_root(spread(i, slope)) + eps);
    };
    if (o.momentum == 0) {
      s.for_each_element([=](Index i) { p[i] -= lr * direction(i); });
      return;
    }
    T* b = s.slot("momentum_buffer");
    s.for_each_element([=](Index i) {
      b[i] = momentum * b[i] + direction(i);
      p[i] -= lr * b[i];
    });
  }
};

/// RMSprop: divides the gradient by the root of its running mean square: `RMSprop<float> rmsprop(parameters, {.lr =
/// 1e-3, .alpha = 0.9})`. The rule is RMSpropRule's.
///
/// Throws ArgumentError for a lr, eps, weight_decay or momentum below 0 or alpha outside [0, 1].
/// Sources: Tieleman, Hinton, "Neural networks for machine learning", lecture 6.5, 2012; centered: Graves, "Generating
/// sequences with recurrent neural networks", 2013, equations 38 to 45; eps is outside the root, as in PyTorch.
template <std::floating_point T>
using RMSprop = RuleOptimizer<T, RMSpropRule>;

}  // namespace engram::optim
