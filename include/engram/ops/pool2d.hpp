#pragma once

#include <string_view>

#include <engram/core/error.hpp>
#include <engram/core/shape.hpp>
#include <engram/kernels/window.hpp>

// What max and average pooling share: the window's options and the extents of the result.

namespace engram {

using kernels::Pair;

namespace detail {

/// Result pixels along one axis; 0 if no window fits.
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

/// The stride that is meant: 0 stands for the kernel's size.
inline Pair pool_stride(Pair kernel, Pair stride) {
  return {stride.y == 0 ? kernel.y : stride.y, stride.x == 0 ? kernel.x : stride.x};
}

/// @throws ShapeError unless x is a batch of images, ArgumentError for impossible options; `stride` as resolved
inline void check_pool2d(std::string_view op, const Shape& x, Pair kernel, Pair stride, Pair padding, Pair dilation) {
  ensure<ShapeError>(x.rank() == 4, op, ": need x [N, C, H, W], got x ", x);
  ensure<ArgumentError>(kernel.y > 0 && kernel.x > 0 && stride.y > 0 && stride.x > 0 && dilation.y > 0 &&
                            dilation.x > 0 && padding.y >= 0 && padding.x >= 0 && 2 * padding.y <= kernel.y &&
                            2 * padding.x <= kernel.x,
                        op, ": need kernel, stride, dilation >= 1 and 0 <= padding <= kernel / 2, got kernel (",
                        kernel.y, ", ", kernel.x, "), stride (", stride.y, ", ", stride.x, "), padding (", padding.y,
                        ", ", padding.x, "), dilation (", dilation.y, ", ", dilation.x, ")");
}

/// @throws ShapeError unless there is a result
inline void check_pooled(std::string_view op, const Shape& x, Pair kernel, Index out_height, Index out_width) {
  ensure<ShapeError>(out_height > 0 && out_width > 0, op, ": kernel (", kernel.y, ", ", kernel.x,
                     ") does not fit in x ", x);
}

}  // namespace detail

}  // namespace engram
