#pragma once

#include <algorithm>
#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/conv2d_grad_weight.hpp>
#include <engram/kernels/conv2d_strided.hpp>
#include <engram/kernels/conv2d_unit_stride.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>
#include <engram/kernels/winograd/conv2d.hpp>

// Convolutions as matrix products with im2col(x) [channels KH KW, OH OW]: for each tap of a filter the pixel under it
// at each position of the window. That matrix is never written as a whole; where it is read in place (unit_stride),
// panel by panel (strided) or by way of Winograd's points decides how a convolution is done.

namespace engram::kernels {

/// y = weight * im2col(x) per image, plus bias [groups * filters] unless null. y is overwritten.
template <class T>
void conv2d(const Conv2dGeometry& g, const T* x, const T* weight, const T* bias, T* y) {
  if (winograd::pays(g)) {
    return winograd::conv2d(g, x, weight, bias, y);
  }
  if (g.window.stride == Pair(1) && g.window.taps() > 0) {  // else there are no pixels to point to
    return conv2d_unit_stride(g, x, weight, bias, y);
  }
  conv2d_strided(g, x, weight, bias, y);
}

/// Whether conv2d_grad_input is a convolution itself: a stride of 1, no more padding than the filter reaches, and all
/// positions used that fit.
inline bool mirrors(const Window2d& w) {
  const Pair reach{w.dilation.y * (w.kernel.y - 1), w.dilation.x * (w.kernel.x - 1)};
  return w.stride == Pair(1) && w.padding.y <= reach.y && w.padding.x <= reach.x &&
         w.out_height() == w.height + 2 * w.padding.y - reach.y && w.out_width() == w.width + 2 * w.padding.x - reach.x;
}

/// The convolution of dy that conv2d_grad_input is where `mirrors` holds: dy is padded to the full overlap, and inputs
/// and outputs change places.
inline Conv2dGeometry mirrored(const Conv2dGeometry& g) {
  const Window2d& w = g.window;
  const Window2d window{
      .channels = g.filters,
      .height = w.out_height(),
      .width = w.out_width(),
      .kernel = w.kernel,
      .stride = 1,
      .padding = {w.dilation.y * (w.kernel.y - 1) - w.padding.y, w.dilation.x * (w.kernel.x - 1) - w.padding.x},
      .dilation = w.dilation};
  return {.window = window, .batch = g.batch, .groups = g.groups, .filters = w.channels, .algorithm = g.algorithm};
}

/// The filters of that convolution: those of g turned by 180 degrees, [groups * window.channels, filters, KH, KW].
template <class T>
void turn_filters(const Conv2dGeometry& g, const T* weight, T* turned) {
  const Index area = g.window.kernel.y * g.window.kernel.x;
  for (Index group = 0; group < g.groups; ++group) {
    for (Index c = 0; c < g.window.channels; ++c) {
      for (Index f = 0; f < g.filters; ++f) {
        const T* from = weight + ((group * g.filters + f) * g.window.channels + c) * area;
        turned = std::reverse_copy(from, from + area, turned);
      }
    }
  }
}

/// Adjoint of conv2d in x: dx = col2im(weight^T * dy) per image. dx is overwritten.
/// With `bias` [groups * window.channels] this is the forward pass of a transposed convolution.
template <class T>
void conv2d_grad_input(const Conv2dGeometry& g, const T* dy, const T* weight, const T* bias, T* dx) {
  if (mirrors(g.window)) {
    Buffer<T> turned(static_cast<std::size_t>(g.weight_size()));
    turn_filters(g, weight, turned.data());
    return conv2d(mirrored(g), dy, static_cast<const T*>(turned.data()), bias, dx);
  }
  conv2d_grad_input_strided(g, dy, weight, bias, dx);
}

/// Sum of each channel over batch and area: y [batch, channels, area], sums [channels] (overwritten).
template <class T>
void sum_channels(Index batch, Index channels, Index area, const T* y, T* sums) {
  parallel_for(channels, [&](Index c) {
    simd::with_widest([&] {
      double total = 0;
      for (Index n = 0; n < batch; ++n) {
        const T* row = y + (n * channels + c) * area;
        total += static_cast<double>(sum_lanes<T>(0, area, [&](Index p) { return row[p]; }));
      }
      sums[c] = static_cast<T>(total);
    });
  });
}

}  // namespace engram::kernels
