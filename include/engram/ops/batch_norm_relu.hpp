#pragma once

#include <concepts>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/batch_norm_relu.hpp>
#include <engram/kernels/batch_norm_relu_max_pool2d.hpp>
#include <engram/ops/batch_norm.hpp>

namespace engram {

/// relu(batch_norm(x, ...)) in one pass over memory, its gradient in two: what lies between is not kept but computed
/// again from x. Arguments, errors and what it does to `running` are those of batch_norm.
template <std::floating_point T>
Variable<T> batch_norm_relu(const Variable<T>& x, const Variable<T>& weight, const Variable<T>& bias,
                            RunningStatistics<T>& running, Mode mode, const BatchNormOptions& options = {}) {
  const auto g = detail::batch_norm_geometry(x.shape(), weight.shape(), bias.shape(), running);
  return detail::batch_norm_op(
      "batch_norm_relu", g, x.shape(), x, weight, bias, running, mode, options,
      [g](const auto& in, T* y) { kernels::batch_norm_relu(g, in, y); },
      [g](const T* dy, const auto& in, bool training, const auto& out) {
        kernels::batch_norm_relu_grad(g, dy, in, training, out);
      });
}

/// max_pool2d(relu(batch_norm(x, ...)), {.kernel = 2}), otherwise as batch_norm_relu.
/// @returns  [N, C, H / 2, W / 2]
/// @throws ShapeError unless x is [N, C, H, W] with H, W >= 2
template <std::floating_point T>
Variable<T> batch_norm_relu_max_pool2d(const Variable<T>& x, const Variable<T>& weight, const Variable<T>& bias,
                                       RunningStatistics<T>& running, Mode mode, const BatchNormOptions& options = {}) {
  const Shape& s = x.shape();
  ensure<ShapeError>(s.rank() == 4 && s[2] >= 2 && s[3] >= 2,
                     "batch_norm_relu_max_pool2d: need x [N, C, H, W] with H, W >= 2, got ", s);
  const kernels::BatchNormPoolGeometry g{.batch = s[0], .channels = s[1], .height = s[2], .width = s[3]};
  return detail::batch_norm_op(
      "batch_norm_relu_max_pool2d", detail::batch_norm_geometry(s, weight.shape(), bias.shape(), running),
      Shape{s[0], s[1], s[2] / 2, s[3] / 2}, x, weight, bias, running, mode, options,
      [g](const auto& in, T* y) { kernels::batch_norm_relu_max_pool2d(g, in, y); },
      [g](const T* dy, const auto& in, bool training, const auto& out) {
        kernels::batch_norm_relu_max_pool2d_grad(g, dy, in, training, out);
      });
}

}  // namespace engram
