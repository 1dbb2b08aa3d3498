#pragma once

#include <concepts>
#include <cstdint>
#include <limits>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/max_pool2d.hpp>
#include <engram/ops/pool2d.hpp>

namespace engram {

/// The window of a pooling; a stride of 0 (the default) means the kernel's size.
struct Pool2dStep {
  Pair kernel = 2;
  Pair stride = 0;
  Pair padding = 0;  ///< at most half the kernel
  Pair dilation = 1;
  bool ceil_mode = false;  ///< also windows that begin inside and end outside

  bool operator==(const Pool2dStep&) const = default;

  /// Whether it takes windows of 2 x 2 pixels side by side, as the operations that pool in the same pass do.
  bool halves() const { return *this == Pool2dStep{.kernel = 2} || *this == Pool2dStep{.kernel = 2, .stride = 2}; }
};

/// The largest pixel under each window; padding never wins. Of equal pixels the first gets the gradient.
/// @param x  [N, C, H, W]
/// @returns  [N, C, H', W'], H' = floor((H + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, or ceil
/// @throws ShapeError if x is no batch of images, the window does not fit, or an image has 2^31 pixels or more
/// @throws ArgumentError for impossible window options
template <std::floating_point T>
Variable<T> max_pool2d(const Variable<T>& x, Pool2dStep step = {}) {
  const Shape& s = x.shape();
  step.stride = detail::pool_stride(step.kernel, step.stride);
  detail::check_pool2d("max_pool2d", s, step.kernel, step.stride, step.padding, step.dilation);
  const kernels::PoolGeometry g{.window = {.channels = 1,
                                           .height = s[2],
                                           .width = s[3],
                                           .kernel = step.kernel,
                                           .stride = step.stride,
                                           .padding = step.padding,
                                           .dilation = step.dilation},
                                .planes = s[0] * s[1],
                                .out_height = detail::pooled_extent(s[2], step.kernel.y, step.stride.y, step.padding.y,
                                                                    step.dilation.y, step.ceil_mode),
                                .out_width = detail::pooled_extent(s[3], step.kernel.x, step.stride.x, step.padding.x,
                                                                   step.dilation.x, step.ceil_mode)};
  detail::check_pooled("max_pool2d", s, step.kernel, g.out_height, g.out_width);
  ensure<ShapeError>(s[2] <= std::numeric_limits<std::int32_t>::max() / s[3],
                     "max_pool2d: need images of less than 2^31 pixels, got x ", s);
  auto y = Tensor<T>::uninitialized({s[0], s[1], g.out_height, g.out_width});
  auto argmax = Tensor<std::int32_t>::uninitialized(y.shape());
  kernels::max_pool2d(g, x.value().data(), y.data(), argmax.data());
  return differentiable("max_pool2d", std::move(y),
                        wrt(x, [g, shape = s, argmax = std::move(argmax)](const Tensor<T>& dy) {
                          auto dx = Tensor<T>::uninitialized(shape);
                          kernels::max_pool2d_grad(g, dy.data(), argmax.data(), dx.data());
                          return dx;
                        }));
}

}  // namespace engram
