#pragma once

#include <cmath>
#include <concepts>
#include <cstdint>
#include <vector>

#include <engram/autograd/backward.hpp>
#include <engram/core/parallel.hpp>
#include <engram/optim/optimizer.hpp>

namespace engram::optim {

struct AdamOptions {
  double lr = 1e-3;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;  ///< added to the gradient as weight_decay * parameter
};

/// Adam: steps along the running mean of the gradient, over the root of its running mean square.
///
/// m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2, p -= lr (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps).
/// Source: Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
template <std::floating_point T>
class Adam {
 public:
  /// @throws ArgumentError for a rate, eps or weight decay below 0 or betas outside [0, 1)
  explicit Adam(std::vector<Variable<T>> parameters, const AdamOptions& options = {})
      : parameters_(std::move(parameters)), options_(options) {
    const auto in_unit = [](double beta) { return beta >= 0 && beta < 1; };
    ensure<ArgumentError>(options.lr >= 0 && options.eps >= 0 && options.weight_decay >= 0 && in_unit(options.beta1) &&
                              in_unit(options.beta2),
                          "Adam: need lr, eps, weight_decay >= 0 and betas in [0, 1), got lr ", options.lr, ", eps ",
                          options.eps, ", weight_decay ", options.weight_decay, ", betas ", options.beta1, ", ",
                          options.beta2);
    for (const auto& p : parameters_) {
      mean_.push_back(Tensor<T>::zeros(p.shape()));
      square_.push_back(Tensor<T>::zeros(p.shape()));
    }
  }

  double lr() const { return options_.lr; }
  void set_lr(double lr) { options_.lr = lr; }

  /// Moves each parameter that has a gradient.
  /// @throws ArgumentError if none has
  void step(const Gradients<T>& gradients) {
    ++steps_;
    const double t = static_cast<double>(steps_);
    const double step_size = options_.lr / (1 - std::pow(options_.beta1, t));
    const double root_correction = std::sqrt(1 - std::pow(options_.beta2, t));
    bool moved = parameters_.empty();
    for (std::size_t k = 0; k < parameters_.size(); ++k) {
      if (const Tensor<T>* gradient = gradients.find(parameters_[k])) {
        update(k, *gradient, static_cast<T>(step_size), static_cast<T>(1 / root_correction));
        moved = true;
      }
    }
    ensure<ArgumentError>(moved, "Adam: need a gradient of one of its ", parameters_.size(),
                          " parameters, got none: it was made for another model, or NoGrad is on");
  }

  /// Steps taken, and the running averages m and v under PyTorch's names: with the parameters, all that a
  /// checkpoint must hold.
  std::int64_t& steps() { return steps_; }
  Slots<T> slots() { return {{"exp_avg", &mean_}, {"exp_avg_sq", &square_}}; }

 private:
  void update(std::size_t k, const Tensor<T>& gradient, T step_size, T inverse_root_correction) {
    T* p = parameters_[k].mutable_value().data();
    T* m = mean_[k].data();
    T* v = square_[k].data();
    const T* g = gradient.data();
    const T b1 = static_cast<T>(options_.beta1);
    const T b2 = static_cast<T>(options_.beta2);
    const T c1 = static_cast<T>(1 - options_.beta1);
    const T c2 = static_cast<T>(1 - options_.beta2);
    const T eps = static_cast<T>(options_.eps);
    const T decay = static_cast<T>(options_.weight_decay);
    parallel_ranges(gradient.size(), 1 << 14, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) {
        const T slope = g[i] + decay * p[i];
        m[i] = b1 * m[i] + c1 * slope;
        v[i] = b2 * v[i] + c2 * slope * slope;
        p[i] -= step_size * m[i] / (std::sqrt(v[i]) * inverse_root_correction + eps);
      }
    });
  }

  std::vector<Variable<T>> parameters_;
  AdamOptions options_;
  std::int64_t steps_ = 0;
  std::vector<Tensor<T>> mean_;    // m
  std::vector<Tensor<T>> square_;  // v
};

}  // namespace engram::optim
