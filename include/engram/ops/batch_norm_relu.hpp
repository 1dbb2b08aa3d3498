#pragma once

#include <concepts>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/batch_norm_relu_max_pool2d.hpp>
#include <engram/ops/batch_norm.hpp>

namespace engram {

/// relu(batch_norm(x, ...)) in one pass over memory, its gradient in two: what lies between is not kept but computed
/// again from x. Arguments, errors and what it does to `running` are those of batch_norm.
template <std::floating_point T>
Variable<T> batch_norm_relu(const Variable<T>& x, const Variable<T>& weight, const Variable<T>& bias,
                            RunningStatistics<T>& running, Mode mode, const BatchNormOptions& options = {}) {
  const auto g = detail::batch_norm_geometry(x.shape(), weight.shape(), bias.shape(), running);
  return detail::batch_norm_op<T>("batch_norm_relu", {kernels::batch_norm<T>, kernels::batch_norm_grad<T>, 0}, g,
                                  x.shape(), x, weight, bias, running, mode, options);
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
  auto g = detail::batch_norm_geometry(s, weight.shape(), bias.shape(), running);
  g.width = s[3];
  return detail::batch_norm_op<T>(
      "batch_norm_relu_max_pool2d",
      {kernels::batch_norm_relu_max_pool2d<T>, kernels::batch_norm_relu_max_pool2d_grad<T>, 0}, g,
      {s[0], s[1], s[2] / 2, s[3] / 2}, x, weight, bias, running, mode, options);
}

}  // namespace engram
