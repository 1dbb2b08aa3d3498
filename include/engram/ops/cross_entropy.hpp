#pragma once

#include <concepts>
#include <cstdint>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/cross_entropy.hpp>
#include <engram/kernels/elementwise.hpp>
#include <engram/kernels/softmax.hpp>
#include <engram/ops/loss.hpp>

namespace engram {

/// PyTorch's names and defaults.
template <std::floating_point T>
struct CrossEntropyOptions {
  Reduction reduction = Reduction::mean;  ///< the mean is weighted by the targets' class weights
  std::vector<T> weight = {};             ///< [C]: of each class; empty: all 1
  std::int64_t ignore_index = -100;       ///< examples with this target count nothing
  T label_smoothing = 0;                  ///< in [0, 1]: share of the target that is spread over all classes
};

namespace detail {

/// x [N, C, ...] as [N, C, area] and one class per example and place.
template <class T>
kernels::AxisGeometry cross_entropy_geometry(const Shape& x, const Tensor<std::int64_t>& target,
                                             const CrossEntropyOptions<T>& o) {
  bool fits = x.rank() >= 2 && x[1] > 0 && target.rank() == x.rank() - 1 && target.dim(0) == x[0];
  kernels::AxisGeometry g{.outer = fits ? x[0] : 0, .size = fits ? x[1] : 0};
  for (Index axis = 2; fits && axis < x.rank(); ++axis) {
    fits = target.dim(axis - 1) == x[axis];
    g.inner *= x[axis];
  }
  ensure<ShapeError>(fits, "cross_entropy: need x [N, C, ...] and target [N, ...], got x ", x, " and target ",
                     target.shape());
  ensure<ArgumentError>(
      (o.weight.empty() || std::ssize(o.weight) == g.size) && o.label_smoothing >= T{0} && o.label_smoothing <= T{1},
      "cross_entropy: need one weight per class or none, and label_smoothing in [0, 1], got ", o.weight.size(),
      " weights for ", g.size, " classes and ", o.label_smoothing);
  for (Index i = 0; i < target.size(); ++i) {
    ensure<ArgumentError>((target[i] >= 0 && target[i] < g.size) || target[i] == o.ignore_index,
                          "cross_entropy: need targets in 0..", g.size - 1, ", got ", target[i], " at ", i);
  }
  return g;
}

}  // namespace detail

/// -log of the probability that softmax(x) gives the target class.
///
/// With label smoothing e the target is 1 - e + e / C for its class and e / C for the others.
/// @param x       logits [N, C] or [N, C, ...]
/// @param target  classes 0..C-1, [N] or [N, ...]
/// @returns       shape [], or target's shape without reduction
/// @throws ShapeError if the shapes disagree, ArgumentError for a class that there is not or impossible options
/// Source of label smoothing: Szegedy et al., "Rethinking the Inception architecture", CVPR 2016, section 7.
template <std::floating_point T>
Variable<T> cross_entropy(const Variable<T>& x, const Tensor<std::int64_t>& target,
                          const CrossEntropyOptions<T>& options = {}) {
  const auto g = detail::cross_entropy_geometry(x.shape(), target, options);
  auto logs = Tensor<T>::uninitialized(x.shape());
  kernels::log_softmax(g, x.value().data(), logs.data());
  std::vector<T> weights = options.weight;
  weights.resize(static_cast<std::size_t>(g.size), T{1});
  // What the kernels ask for; the arrays are those that the caller keeps.
  const auto targets_of = [g, ignored = options.ignore_index, smoothing = options.label_smoothing](
                              const Tensor<std::int64_t>& classes, const std::vector<T>& class_weights) {
    return kernels::ClassTargets<T>{g, classes.data(), class_weights.data(), ignored, smoothing};
  };
  const auto targets = targets_of(target, weights);
  auto losses = Tensor<T>::uninitialized(target.shape());
  kernels::cross_entropy(targets, logs.data(), losses.data());
  double share = 1;
  if (options.reduction == Reduction::mean) {
    share = 0;
    for (Index i = 0; i < target.size(); ++i) {
      share += targets.counts(i) ? static_cast<double>(weights[static_cast<std::size_t>(target[i])]) : 0.0;
    }
  }
  const bool reduced = options.reduction != Reduction::none;
  const T factor = static_cast<T>(1 / share);
  const double total = reduced ? kernels::map_sum([](T v) { return v; }, losses) : 0.0;
  return differentiable(
      "cross_entropy", reduced ? Tensor<T>::full({}, static_cast<T>(total) * factor) : std::move(losses),
      wrt(x, [=, logs = std::move(logs)](Tensor<T> dy) {
        const auto slopes = reduced ? Tensor<T>::full(target.shape(), factor * dy[0]) : std::move(dy);
        auto dx = Tensor<T>::uninitialized(logs.shape());
        kernels::cross_entropy_grad(targets_of(target, weights), logs.data(), slopes.data(), dx.data());
        return dx;
      }));
}

}  // namespace engram
