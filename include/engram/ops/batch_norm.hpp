#pragma once

#include <array>
#include <concepts>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/batch_norm.hpp>

namespace engram {

/// Whether a layer learns from the batch it sees or uses what it has learnt.
enum class Mode { train, eval };

/// Running statistics of batch norm, updated by each pass in training mode.
template <class T>
struct RunningStatistics {
  Tensor<T> mean;      ///< [C]
  Tensor<T> variance;  ///< [C], unbiased
};

struct BatchNormOptions {
  double eps = 1e-5;
  double momentum = 0.1;  ///< weight of the new batch in the running statistics
};

namespace detail {

template <class T>
kernels::BatchNormGeometry batch_norm_geometry(const Shape& x, const Shape& weight, const Shape& bias,
                                               const RunningStatistics<T>& running) {
  ensure<ShapeError>(x.rank() >= 2 && weight == Shape{x[1]} && bias == weight && running.mean.shape() == weight &&
                         running.variance.shape() == weight,
                     "batch_norm: need x [N, C, ...] and weight, bias, running mean and variance [C], got x ", x,
                     ", weight ", weight, ", bias ", bias, ", running mean ", running.mean.shape(), " and variance ",
                     running.variance.shape());
  Index area = 1;
  for (Index axis = 2; axis < x.rank(); ++axis) {
    area *= x[axis];
  }
  return {.batch = x[0], .channels = x[1], .area = area};
}

/// Kernels of an operation that begins with batch norm, and the floor under its results.
template <class T>
struct BatchNormKernels {
  void (*forward)(const kernels::BatchNormGeometry& g, const kernels::BatchNormInputs<T>& in, T* y);
  void (*backward)(const kernels::BatchNormGeometry& g, const T* dy, const kernels::BatchNormInputs<T>& in,
                   bool training, const kernels::BatchNormGradients<T>& out);
  T floor;
};

/// What batch_norm and operations that do more in the same pass share: statistics, the node, and which gradients are
/// needed.
/// @param g        of x
/// @param y_shape  of the result
template <class T>
Variable<T> batch_norm_op(std::string_view op, const BatchNormKernels<T>& used, const kernels::BatchNormGeometry& g,
                          const Shape& y_shape, const Variable<T>& x, const Variable<T>& weight,
                          const Variable<T>& bias, RunningStatistics<T>& running, Mode mode,
                          const BatchNormOptions& options) {
  const bool training = mode == Mode::train;
  const Index count = g.per_channel();
  ensure<ShapeError>(!training || count > 1, op, ": need more than 1 value per channel when training, got x ",
                     x.shape());
  Tensor<T> mean = running.mean;
  Tensor<T> variance = running.variance;
  if (training) {
    kernels::batch_statistics(g, x.value().data(), mean.data(), variance.data());
  }
  auto inputs = [x, weight, bias, eps = static_cast<T>(options.eps), floor = used.floor, mean = std::move(mean),
                 variance = std::move(variance)] {
    return kernels::BatchNormInputs<T>{
        x.value().data(), mean.data(), variance.data(), weight.value().data(), bias.value().data(), eps, floor};
  };
  auto y = Tensor<T>::uninitialized(y_shape);
  used.forward(g, inputs(), y.data());
  if (training) {
    const auto seen = inputs();
    const T momentum = static_cast<T>(options.momentum);
    const T unbiased = static_cast<T>(static_cast<double>(count) / static_cast<double>(count - 1));
    for (Index c = 0; c < g.channels; ++c) {
      running.mean[c] += momentum * (seen.mean[c] - running.mean[c]);
      running.variance[c] += momentum * (seen.variance[c] * unbiased - running.variance[c]);
    }
  }
  return differentiable_jointly(op, std::move(y), std::array{x, weight, bias},
                                [g, backward = used.backward, inputs = std::move(inputs), training, x_shape = x.shape(),
                                 shape = weight.shape()](const Tensor<T>& dy, const PoolVector<bool>& needed) {
                                  PoolVector<Tensor<T>> grads{
                                      needed[0] ? Tensor<T>::uninitialized(x_shape) : Tensor<T>(),
                                      Tensor<T>::uninitialized(shape), Tensor<T>::uninitialized(shape)};
                                  backward(g, dy.data(), inputs(), training,
                                           {needed[0] ? grads[0].data() : nullptr, grads[1].data(), grads[2].data()});
                                  return grads;
                                });
}

}  // namespace detail

/// Normalises each channel, then scales and shifts it: (x - mean) / sqrt(variance + eps) * weight + bias.
///
/// In Mode::train mean and (biased) variance are the batch's, and `running` moves towards them (towards the
/// unbiased variance) by `momentum`; in Mode::eval they are the running ones.
/// @param x             [N, C] or [N, C, ...]
/// @param weight, bias  [C]
/// @throws ShapeError if the extents disagree, or in training for a single value per channel
/// Source: Ioffe, Szegedy, "Batch normalization", ICML 2015.
template <std::floating_point T>
Variable<T> batch_norm(const Variable<T>& x, const Variable<T>& weight, const Variable<T>& bias,
                       RunningStatistics<T>& running, Mode mode, const BatchNormOptions& options = {}) {
  const auto g = detail::batch_norm_geometry(x.shape(), weight.shape(), bias.shape(), running);
  return detail::batch_norm_op<T>(
      "batch_norm", {kernels::batch_norm<T>, kernels::batch_norm_grad<T>, std::numeric_limits<T>::quiet_NaN()}, g,
      x.shape(), x, weight, bias, running, mode, options);
}

}  // namespace engram
