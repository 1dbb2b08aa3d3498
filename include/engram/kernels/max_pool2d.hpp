#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include <engram/core/parallel.hpp>
#include <engram/kernels/window.hpp>

namespace engram::kernels {

/// Planes [H, W] pooled to [out_height, out_width]; the latter may exceed the window's own floor by one row or
/// column (ceil mode). `window.channels` is 1.
struct PoolGeometry {
  Window2d window;
  Index planes = 1;
  Index out_height = 0;
  Index out_width = 0;
};

/// The largest pixel under each window; padding never wins, NaN always does.
///
/// x [planes, H, W]; y, argmax [planes, OH, OW] (overwritten); argmax is the winner's position in its plane.
template <class T>
void max_pool2d(const PoolGeometry& g, const T* x, T* y, std::int32_t* argmax) {
  const Window2d& w = g.window;
  const Index area = w.height * w.width;
  parallel_ranges(g.planes, 16, [&](Index begin, Index end) {
    for (Index plane = begin; plane < end; ++plane) {
      const T* in = x + plane * area;
      Index out = plane * g.out_height * g.out_width;
      for (Index oy = 0; oy < g.out_height; ++oy) {
        for (Index ox = 0; ox < g.out_width; ++ox, ++out) {
          T best = -std::numeric_limits<T>::infinity();
          Index winner = -1;
          for (Index ky = 0; ky < w.kernel.y; ++ky) {
            const Index iy = oy * w.stride.y + ky * w.dilation.y - w.padding.y;
            for (Index kx = 0; kx < w.kernel.x; ++kx) {
              const Index ix = ox * w.stride.x + kx * w.dilation.x - w.padding.x;
              if (iy < 0 || iy >= w.height || ix < 0 || ix >= w.width) {
                continue;
              }
              const T value = in[iy * w.width + ix];
              if (winner < 0 || value > best || value != value) {
                best = value;
                winner = iy * w.width + ix;
              }
            }
          }
          y[out] = best;
          argmax[out] = static_cast<std::int32_t>(winner);
        }
      }
    }
  });
}

/// Adjoint of max_pool2d at the same winners. dx [planes, H, W] is overwritten.
template <class T>
void max_pool2d_grad(const PoolGeometry& g, const T* dy, const std::int32_t* argmax, T* dx) {
  const Index positions = g.out_height * g.out_width;
  const Index area = g.window.height * g.window.width;
  parallel_ranges(g.planes, 16, [&](Index begin, Index end) {
    for (Index plane = begin; plane < end; ++plane) {
      T* image = dx + plane * area;
      std::fill_n(image, area, T{0});
      for (Index p = plane * positions; p < (plane + 1) * positions; ++p) {
        if (argmax[p] >= 0) {
          image[argmax[p]] += dy[p];
        }
      }
    }
  });
}

}  // namespace engram::kernels
