#pragma once

#include <algorithm>
#include <concepts>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/avg_pool2d.hpp>
#include <engram/ops/pool2d.hpp>

namespace engram {

/// The window of an average pooling; a stride of 0 (the default) means the kernel's size.
struct AvgPool2dStep {
  Pair kernel = 2;
  Pair stride = 0;
  Pair padding = 0;               ///< at most half the kernel
  bool ceil_mode = false;         ///< also windows that begin inside and end outside
  bool count_include_pad = true;  ///< divide by the window's size even where it covers padding
};

namespace detail {

/// The windows along one axis. Padding counts as pixels of value 0, what lies beyond it (ceil mode) not at all.
template <class T>
std::vector<kernels::PoolSpan<T>> pool_spans(Index out, Index size, Index kernel, Index stride, Index padding,
                                             bool count_include_pad) {
  std::vector<kernels::PoolSpan<T>> spans;
  for (Index i = 0; i < out; ++i) {
    const Index first = i * stride - padding;
    const Index last = std::min(first + kernel, size + padding);
    const Index begin = std::max<Index>(0, first);
    const Index end = std::min(size, last);
    const Index count = count_include_pad ? last - first : end - begin;
    spans.push_back({begin, std::max(begin, end), T{1} / static_cast<T>(count)});
  }
  return spans;
}

template <class T>
Variable<T> average(std::string_view op, const Variable<T>& x, kernels::AvgPoolGeometry<T> g) {
  const Shape& s = x.shape();
  auto y = Tensor<T>::uninitialized({s[0], s[1], std::ssize(g.rows), std::ssize(g.columns)});
  kernels::avg_pool2d(g, x.value().data(), y.data());
  return differentiable(op, std::move(y), wrt(x, [shape = s, g = std::move(g)](const Tensor<T>& dy) {
                          auto dx = Tensor<T>::uninitialized(shape);
                          kernels::avg_pool2d_grad(g, dy.data(), dx.data());
                          return dx;
                        }));
}

}  // namespace detail

/// The mean under each window.
/// @param x  [N, C, H, W]
/// @returns  [N, C, H', W'], H' = floor((H + 2 padding - kernel) / stride) + 1, or ceil
/// @throws ShapeError if x is no batch of images or the window does not fit, ArgumentError for impossible options
template <std::floating_point T>
Variable<T> avg_pool2d(const Variable<T>& x, AvgPool2dStep step = {}) {
  const Shape& s = x.shape();
  step.stride = detail::pool_stride(step.kernel, step.stride);
  detail::check_pool2d("avg_pool2d", s, step.kernel, step.stride, step.padding, 1);
  const auto spans = [&](Index size, Index kernel, Index stride, Index padding) {
    const Index out = detail::pooled_extent(size, kernel, stride, padding, 1, step.ceil_mode);
    return detail::pool_spans<T>(out, size, kernel, stride, padding, step.count_include_pad);
  };
  kernels::AvgPoolGeometry<T> g{.planes = s[0] * s[1],
                                .height = s[2],
                                .width = s[3],
                                .rows = spans(s[2], step.kernel.y, step.stride.y, step.padding.y),
                                .columns = spans(s[3], step.kernel.x, step.stride.x, step.padding.x)};
  detail::check_pooled("avg_pool2d", s, step.kernel, std::ssize(g.rows), std::ssize(g.columns));
  return detail::average("avg_pool2d", x, std::move(g));
}

/// Means over windows that cover the image evenly, whatever its size: result pixel i covers the pixels from
/// floor(i H / H') up to ceil((i + 1) H / H'). With size 1 it is the mean of each map.
/// @param x     [N, C, H, W]
/// @param size  of the result, H' and W'
/// @returns     [N, C, H', W']
/// @throws ShapeError if x is no batch of images or has no pixel, ArgumentError unless the size is at least 1 x 1
template <std::floating_point T>
Variable<T> adaptive_avg_pool2d(const Variable<T>& x, Pair size) {
  const Shape& s = x.shape();
  ensure<ShapeError>(s.rank() == 4 && s[2] > 0 && s[3] > 0,
                     "adaptive_avg_pool2d: need x [N, C, H, W] of 1 x 1 pixels or more, got x ", s);
  ensure<ArgumentError>(size.y > 0 && size.x > 0, "adaptive_avg_pool2d: need a size of 1 x 1 or more, got (", size.y,
                        ", ", size.x, ")");
  const auto spans = [](Index in, Index out) {
    std::vector<kernels::PoolSpan<T>> all;
    for (Index i = 0; i < out; ++i) {
      const Index begin = i * in / out;
      const Index end = ((i + 1) * in + out - 1) / out;
      all.push_back({begin, end, T{1} / static_cast<T>(end - begin)});
    }
    return all;
  };
  return detail::average<T>("adaptive_avg_pool2d", x,
                            {.planes = s[0] * s[1],
                             .height = s[2],
                             .width = s[3],
                             .rows = spans(s[2], size.y),
                             .columns = spans(s[3], size.x)});
}

}  // namespace engram
