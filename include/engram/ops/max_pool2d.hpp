#pragma once

#include <concepts>
#include <cstdint>
#include <limits>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/max_pool2d.hpp>

namespace engram {

using kernels::Pair;

/// The window of a pooling; a stride of 0 (the default) means the kernel's size.
struct Pool2dStep {
  Pair kernel = 2;
  Pair stride = 0;
  Pair padding = 0;  ///< at most half the kernel
  Pair dilation = 1;
  bool ceil_mode = false;  ///< also windows that begin inside and end outside
};

namespace detail {

inline Index pooled_extent(Index size, Index kernel, Index stride, Index padding, Index dilation, bool ceil_mode) {
  const Index room = size + 2 * padding - dilation * (kernel - 1) - 1 + (ceil_mode ? stride - 1 : 0);
  if (size == 0 || room < 0) {
    return 0;
  }
  Index out = room / stride + 1;
  if (ceil_mode && (out - 1) * stride >= size + padding) {
    --out;  // the last window must begin inside the image or its left padding
  }
  return out;
}

}  // namespace detail

/// The largest pixel under each window; padding never wins. Of equal pixels the first gets the gradient.
/// @param x  [N, C, H, W]
/// @returns  [N, C, H', W'], H' = floor((H + 2 padding - dilation (kernel - 1) - 1) / stride) + 1, or ceil
/// @throws ShapeError if x is no batch of images, the window does not fit, or an image has 2^31 pixels or more
/// @throws ArgumentError for impossible window options
template <std::floating_point T>
Variable<T> max_pool2d(const Variable<T>& x, Pool2dStep step = {}) {
  const Shape& s = x.shape();
  ensure<ShapeError>(s.rank() == 4, "max_pool2d: need x [N, C, H, W], got x ", s);
  step.stride = {step.stride.y == 0 ? step.kernel.y : step.stride.y,
                 step.stride.x == 0 ? step.kernel.x : step.stride.x};
  ensure<ArgumentError>(step.kernel.y > 0 && step.kernel.x > 0 && step.stride.y > 0 && step.stride.x > 0 &&
                            step.dilation.y > 0 && step.dilation.x > 0 && step.padding.y >= 0 && step.padding.x >= 0 &&
                            2 * step.padding.y <= step.kernel.y && 2 * step.padding.x <= step.kernel.x,
                        "max_pool2d: need kernel, stride, dilation >= 1 and 0 <= padding <= kernel / 2, got kernel (",
                        step.kernel.y, ", ", step.kernel.x, "), stride (", step.stride.y, ", ", step.stride.x,
                        "), padding (", step.padding.y, ", ", step.padding.x, "), dilation (", step.dilation.y, ", ",
                        step.dilation.x, ")");
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
  ensure<ShapeError>(g.out_height > 0 && g.out_width > 0, "max_pool2d: kernel (", step.kernel.y, ", ", step.kernel.x,
                     ") does not fit in x ", s);
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
