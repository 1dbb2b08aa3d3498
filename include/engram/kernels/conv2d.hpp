#pragma once

#include <algorithm>
#include <cstddef>

#include <engram/core/buffer.hpp>
#include <engram/core/parallel.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/im2col.hpp>

namespace engram::kernels {

/// A batch of images [batch, groups * window.channels, H, W] meets `groups` banks of `filters` filters each:
/// weight [groups * filters, window.channels, KH, KW], result [batch, groups * filters, OH, OW].
struct Conv2dGeometry {
  Window2d window;    ///< of one group: its channels are the input channels of a group
  Index batch = 1;
  Index groups = 1;
  Index filters = 1;  ///< output channels of a group

  Index image_size() const { return groups * window.pixels(); }
  Index result_size() const { return groups * filters * window.positions(); }
  Index weight_size() const { return groups * filters * window.taps(); }
};

/// y = weight * im2col(x) per image, plus bias [groups * filters] unless null. y is overwritten.
template <class T>
void conv2d(const Conv2dGeometry& g, const T* x, const T* weight, const T* bias, T* y) {
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

/// Adjoint of conv2d in weight: dweight = sum over images of dy * im2col(x)^T. dweight is overwritten.
///
/// Images are summed in at most 16 consecutive pieces, the pieces then in order.
template <class T>
void conv2d_grad_weight(const Conv2dGeometry& g, const T* dy, const T* x, T* dweight) {
  const Index taps = g.window.taps();
  const Index positions = g.window.positions();
  const Index per_piece = std::max<Index>(1, (g.batch + 15) / 16);
  const Index pieces = (g.batch + per_piece - 1) / per_piece;
  Buffer<T> partial(static_cast<std::size_t>(pieces * g.weight_size()));
  parallel_for(pieces * g.groups, [&](Index task) {
    const Index piece = task / g.groups;
    const Index group = task % g.groups;
    T* out = partial.data() + piece * g.weight_size() + group * g.filters * taps;
    std::fill_n(out, g.filters * taps, T{0});
    Buffer<T> columns(static_cast<std::size_t>(taps * positions));
    for (Index n = piece * per_piece; n < std::min(g.batch, (piece + 1) * per_piece); ++n) {
      im2col(g.window, x + (n * g.groups + group) * g.window.pixels(), columns.data());
      gemm(g.filters, taps, positions, row_major(dy + (n * g.groups + group) * g.filters * positions, positions),
           row_major<T>(columns.data(), positions).transposed(), out, taps, Store::add);
    }
  });
  std::fill_n(dweight, g.weight_size(), T{0});
  for (Index piece = 0; piece < pieces; ++piece) {
    const T* part = partial.data() + piece * g.weight_size();
    for (Index i = 0; i < g.weight_size(); ++i) {
      dweight[i] += part[i];
    }
  }
}

/// Sum of each channel over batch and area: y [batch, channels, area], sums [channels] (overwritten).
template <class T>
void sum_channels(Index batch, Index channels, Index area, const T* y, T* sums) {
  parallel_for(channels, [&](Index c) {
    double total = 0;
    for (Index n = 0; n < batch; ++n) {
      const T* row = y + (n * channels + c) * area;
      T sum{0};
      for (Index p = 0; p < area; ++p) {
        sum += row[p];
      }
      total += static_cast<double>(sum);
    }
    sums[c] = static_cast<T>(total);
  });
}

}  // namespace engram::kernels
