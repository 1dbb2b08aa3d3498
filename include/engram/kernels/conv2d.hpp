#pragma once

#include <algorithm>
#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/conv2d_grad_weight.hpp>
#include <engram/kernels/conv2d_unit_stride.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/im2col.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>

namespace engram::kernels {

/// y = weight * im2col(x) per image, plus bias [groups * filters] unless null. y is overwritten.
template <class T>
void conv2d(const Conv2dGeometry& g, const T* x, const T* weight, const T* bias, T* y) {
  if (g.window.stride == Pair(1)) {
    return conv2d_unit_stride(g, x, weight, bias, y);
  }
  const Index taps = g.window.taps();
  const Index positions = g.window.positions();
  parallel_for(g.batch * g.groups, [&](Index task) {
    const Index group = task % g.groups;
    T* out = y + task * g.filters * positions;
    Buffer<T> columns(static_cast<std::size_t>(taps * positions));
    im2col(g.window, x + task * g.window.pixels(), columns.data());
    gemm(g.filters, positions, taps, row_major(weight + group * g.filters * taps, taps),
         row_major<T>(columns.data(), positions), out, positions);
    for (Index f = 0; f < g.filters && bias != nullptr; ++f) {
      const T b = bias[group * g.filters + f];
      for (Index p = 0; p < positions; ++p) {
        out[f * positions + p] += b;
      }
    }
  });
}

/// Adjoint of conv2d in x: dx = col2im(weight^T * dy) per image. dx is overwritten.
/// With `bias` [groups * window.channels] this is the forward pass of a transposed convolution.
template <class T>
void conv2d_grad_input(const Conv2dGeometry& g, const T* dy, const T* weight, const T* bias, T* dx) {
  if (mirrors(g.window)) {
    return conv2d_grad_input_unit_stride(g, dy, weight, bias, dx);
  }
  const Index taps = g.window.taps();
  const Index positions = g.window.positions();
  const Index area = g.window.height * g.window.width;
  parallel_for(g.batch * g.groups, [&](Index task) {
    const Index group = task % g.groups;
    Buffer<T> columns(static_cast<std::size_t>(taps * positions));
    gemm(taps, positions, g.filters, row_major(weight + group * g.filters * taps, taps).transposed(),
         row_major(dy + task * g.filters * positions, positions), columns.data(), positions);
    T* image = dx + task * g.window.pixels();
    for (Index c = 0; c < g.window.channels; ++c) {
      std::fill_n(image + c * area, area, bias == nullptr ? T{0} : bias[group * g.window.channels + c]);
    }
    col2im_add(g.window, columns.data(), image);
  });
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
