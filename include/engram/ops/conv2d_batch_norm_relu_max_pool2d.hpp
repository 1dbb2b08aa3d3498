#pragma once

#include <concepts>
#include <optional>
#include <utility>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/conv2d_batch_norm_relu_max_pool2d.hpp>
#include <engram/ops/batch_norm.hpp>
#include <engram/ops/conv2d.hpp>

namespace engram {

/// Whether conv2d_batch_norm_relu_max_pool2d takes these: images that need no gradient, one group, stride 1, at most 32
/// taps and not more than filters, an even number of results down and across.
template <std::floating_point T>
bool conv2d_pools(const Variable<T>& x, const Variable<T>& weight, const Conv2dStep& step) {
  return !x.requires_grad() && kernels::conv2d_pools(detail::conv2d_geometry(x.shape(), weight.shape(), step));
}

/// max_pool2d(relu(batch_norm(conv2d(x, weight, bias, step), norm_weight, norm_bias, running, Mode::train)), {.kernel =
/// 2}) for a network's first layers, which move most of its memory: only the result is written. Statistics and
/// gradients of the batch norm are computed from the moments of the patches; the gradient of `bias`, which batch norm
/// takes out again, is 0.
/// @param x                             images [N, C, H, W]
/// @param weight                        filters [F, C, KH, KW]
/// @param bias, norm_weight, norm_bias  [F]
/// @param running                       [F] each, moved as batch_norm does
/// @returns        [N, F, OH / 2, OW / 2]
/// @throws ArgumentError unless conv2d_pools; ShapeError if the extents disagree
template <std::floating_point T>
Variable<T> conv2d_batch_norm_relu_max_pool2d(const Variable<T>& x, const Variable<T>& weight, const Optional<T>& bias,
                                              const Conv2dStep& step, const Variable<T>& norm_weight,
                                              const Variable<T>& norm_bias, RunningStatistics<T>& running,
                                              const BatchNormOptions& options = {}) {
  const auto g = detail::conv2d_geometry(x.shape(), weight.shape(), step);
  detail::check_bias("conv2d_batch_norm_relu_max_pool2d", bias, g.filters);
  ensure<ArgumentError>(conv2d_pools(x, weight, step),
                        "conv2d_batch_norm_relu_max_pool2d: need constant images, 1 group, stride 1, at most 32 taps "
                        "and not more than filters, an even number of results down and across; got x ",
                        x.shape(), x.requires_grad() ? " that requires its gradient" : "", ", weight ", weight.shape(),
                        ", ", step.groups, " groups, stride (", step.stride.y, ", ", step.stride.x, ") and ",
                        g.window.out_height(), " x ", g.window.out_width(), " results");
  const Shape results{g.batch, g.filters, g.window.out_height(), g.window.out_width()};
  (void)detail::batch_norm_geometry(results, norm_weight.shape(), norm_bias.shape(), running);
  auto moments = kernels::patch_moments(g, x.value().data());
  auto parameters = [weight, norm_weight, norm_bias, eps = static_cast<T>(options.eps)] {
    return kernels::ConvPoolParameters<T>{weight.value().data(), norm_weight.value().data(), norm_bias.value().data(),
                                          eps};
  };
  auto y = Tensor<T>::uninitialized({g.batch, g.filters, g.window.out_height() / 2, g.window.out_width() / 2});
  kernels::conv2d_batch_norm_relu_max_pool2d(g, moments, x.value().data(), parameters(), y.data());
  const auto momentum = static_cast<T>(options.momentum);
  const auto count = static_cast<double>(g.batch * g.window.positions());
  for (Index f = 0; f < g.filters; ++f) {
    const T* filter = weight.value().data() + f * g.window.taps();
    const kernels::detail::FilterStatistics statistics(moments, filter);
    double mean = statistics.mean + (bias ? static_cast<double>(bias->value()[f]) : 0);
    for (Index i = 0; i < g.window.taps(); ++i) {
      mean += moments.shift * static_cast<double>(filter[i]);
    }
    running.mean[f] += momentum * (static_cast<T>(mean) - running.mean[f]);
    running.variance[f] += momentum * (static_cast<T>(statistics.variance * count / (count - 1)) - running.variance[f]);
  }
  PoolVector<Variable<T>> inputs{weight, norm_weight, norm_bias};
  if (bias) {
    inputs.push_back(*bias);
  }
  return differentiable_jointly(
      "conv2d_batch_norm_relu_max_pool2d", std::move(y), inputs,
      [g, x, moments = std::move(moments), parameters = std::move(parameters), shape = weight.shape()](
          const Tensor<T>& dy, const PoolVector<bool>& needed) {
        PoolVector<Tensor<T>> grads{Tensor<T>::uninitialized(shape), Tensor<T>::uninitialized({g.filters}),
                                    Tensor<T>::uninitialized({g.filters})};
        kernels::conv2d_batch_norm_relu_max_pool2d_grad(g, moments, x.value().data(), parameters(), dy.data(),
                                                        grads[0].data(), grads[1].data(), grads[2].data());
        if (needed.size() > 3) {
          grads.push_back(Tensor<T>::zeros({g.filters}));
        }
        return grads;
      });
}

}  // namespace engram
