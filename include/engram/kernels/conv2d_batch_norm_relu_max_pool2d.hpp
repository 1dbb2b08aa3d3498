#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include <engram/core/buffer.hpp>
#include <engram/kernels/conv_pool_blocks.hpp>
#include <engram/kernels/conv_pool_patches.hpp>
#include <engram/kernels/gemm.hpp>
#include <engram/kernels/simd/tiles.hpp>
#include <engram/kernels/simd/transpose.hpp>

// A convolution of few taps, batch norm, ReLU and 2 x 2 max pooling, of which only the pooled maps are ever written:
// the convolution is computed again wherever its result is needed, which is faster than to read it. Batch norm's
// statistics follow from the moments of the patches, and so does what they add to the gradients.

namespace engram::kernels {

/// Whether it can be done so, and pays: one group, stride 1, few taps, whole windows of the pooling.
inline bool conv2d_pools(const Conv2dGeometry& g) {
  const Window2d& w = g.window;
  return g.groups == 1 && w.stride == Pair(1) && w.taps() <= 32 && w.taps() <= g.filters && g.batch > 0 &&
         w.out_height() > 0 && w.out_height() % 2 == 0 && w.out_width() > 0 && w.out_width() % 2 == 0;
}

/// y [batch, filters, OH / 2, OW / 2] = max_pool2d(relu(batch_norm(conv2d(x)))), overwritten.
/// @param moments  of x, patch_moments
template <class T>
void conv2d_batch_norm_relu_max_pool2d(const Conv2dGeometry& g, const PatchMoments& moments, const T* x,
                                       const ConvPoolParameters<T>& parameters, T* y) {
  const detail::ConvPoolBlocks<T> blocks(g, moments, parameters);
  const Index windows = g.window.positions() / 4;
  detail::for_each_piece(g.batch, [&](Index, Index begin, Index end) {
    auto room = blocks.workspace();
    for (Index n = begin; n < end; ++n) {
      T* to = y + n * g.filters * windows;
      blocks.for_each_block(x + n * g.window.pixels(), static_cast<T>(moments.shift), room,
                            [&](Index first, Index count) {
                              blocks.pool(count, room);
                              simd::transpose(count, g.filters, static_cast<const T*>(room.pooled.data()),
                                              blocks.padded_filters(), to + first, windows);
                            });
    }
  });
}

/// Its gradients dfilters [filters, taps], dweight and dbias [filters], overwritten; that of the convolution's bias is
/// 0.
///
/// With dz the gradient of batch norm's result, N results of each filter, s = 1 / sqrt(w C w + eps):
/// dbias = sum dz, dweight = s w G, dfilters = weight s (G - s dweight C w), where G = sum dz (p - m): no other sums
/// over the batch are needed, since that of (y - w m) p is N C w.
template <class T>
void conv2d_batch_norm_relu_max_pool2d_grad(const Conv2dGeometry& g, const PatchMoments& moments, const T* x,
                                            const ConvPoolParameters<T>& parameters, const T* dy, T* dfilters,
                                            T* dweight, T* dbias) {
  const detail::ConvPoolBlocks<T> blocks(g, moments, parameters);
  const Index windows = g.window.positions() / 4;
  const Index padded = blocks.padded_filters();
  const Index size = (blocks.padded_taps() + 1) * padded;  // sums of dz p, then of dz
  Buffer<T> sums = detail::ConvPoolBlocks<T>::zeros(16 * size);
  const Index pieces = detail::for_each_piece(g.batch, [&](Index piece, Index begin, Index end) {
    auto room = blocks.workspace();
    T* products = sums.data() + piece * size;
    for (Index n = begin; n < end; ++n) {
      const T* from = dy + n * g.filters * windows;
      blocks.for_each_block(x + n * g.window.pixels(), static_cast<T>(moments.shift), room,
                            [&](Index first, Index count) {
                              simd::transpose(g.filters, count, from + first, windows, room.pooled.data(), padded);
                              blocks.unpool(count, room, products + blocks.padded_taps() * padded);
                              blocks.add_products(count, room, products);
                            });
    }
  });
  const auto total = [&](Index row, Index f) {
    double sum = 0;
    for (Index piece = 0; piece < pieces; ++piece) {
      sum += static_cast<double>(sums.data()[piece * size + row * padded + f]);
    }
    return sum;
  };
  const Index taps = g.window.taps();
  PoolVector<double> centred(static_cast<std::size_t>(taps));  // G
  for (Index f = 0; f < g.filters; ++f) {
    const T* filter = parameters.filters + f * taps;
    const detail::FilterStatistics statistics(moments, filter);
    const double inverse = 1 / std::sqrt(statistics.variance + static_cast<double>(parameters.eps));
    const double sum = total(blocks.padded_taps(), f);
    double slope = 0;
    for (std::size_t i = 0; i < centred.size(); ++i) {
      centred[i] = total(static_cast<Index>(i), f) - sum * moments.mean[i];
      slope += inverse * centred[i] * static_cast<double>(filter[i]);
    }
    dbias[f] = static_cast<T>(sum);
    dweight[f] = static_cast<T>(slope);
    const double scale = static_cast<double>(parameters.weight[f]) * inverse;
    for (std::size_t i = 0; i < centred.size(); ++i) {
      dfilters[f * taps + static_cast<Index>(i)] =
          static_cast<T>(scale * (centred[i] - inverse * slope * statistics.covariance[i]));
    }
  }
}

}  // namespace engram::kernels
