#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include <engram/core/parallel.hpp>
#include <engram/kernels/lanes.hpp>
#include <engram/kernels/simd/widest.hpp>
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

namespace detail {

/// Takes `value` at `position` if it beats what was found so far; NaN always does. Written without a branch.
template <class T>
void challenge(T value, std::int32_t position, T& best, std::int32_t& winner) {
  const bool better = value > best || value != value;
  best = better ? value : best;
  winner = better ? position : winner;
}

/// A row of windows of 2x2 pixels, 2 apart, that all lie within the plane: the usual case, free of bounds.
template <class T>
void max_pool_row_2x2(const T* upper, std::int32_t position, std::int32_t width, Index count, T* y,
                      std::int32_t* argmax) {
  const T* lower = upper + width;
  for_each_lane(0, count, [=](Index i) {
    const auto left = position + 2 * static_cast<std::int32_t>(i);
    T best = upper[2 * i];
    std::int32_t winner = left;
    challenge(upper[2 * i + 1], left + 1, best, winner);
    challenge(lower[2 * i], left + width, best, winner);
    challenge(lower[2 * i + 1], left + width + 1, best, winner);
    y[i] = best;
    argmax[i] = winner;
  });
}

/// One window anywhere; -1 and -infinity if it sees only padding.
template <class T>
void max_pool_window(const Window2d& w, const T* in, Index oy, Index ox, T& best, std::int32_t& winner) {
  best = -std::numeric_limits<T>::infinity();
  winner = -1;
  for (Index ky = 0; ky < w.kernel.y; ++ky) {
    const Index y = oy * w.stride.y + ky * w.dilation.y - w.padding.y;
    for (Index kx = 0; kx < w.kernel.x && y >= 0 && y < w.height; ++kx) {
      const Index x = ox * w.stride.x + kx * w.dilation.x - w.padding.x;
      if (x < 0 || x >= w.width) {
        continue;
      }
      const auto position = static_cast<std::int32_t>(y * w.width + x);
      if (winner < 0) {
        best = in[position];
        winner = position;
      } else {
        challenge(in[position], position, best, winner);
      }
    }
  }
}

}  // namespace detail

/// The largest pixel under each window; padding never wins, NaN always does.
///
/// x [planes, H, W]; y, argmax [planes, OH, OW] (overwritten); argmax is the winner's position in its plane.
template <class T>
void max_pool2d(const PoolGeometry& g, const T* x, T* y, std::int32_t* argmax) {
  const Window2d& w = g.window;
  const Index area = w.height * w.width;
  const bool by_rows = w.kernel == Pair(2) && w.stride == Pair(2) && w.padding == Pair(0) && w.dilation == Pair(1) &&
                       2 * g.out_height <= w.height && 2 * g.out_width <= w.width;
  parallel_ranges(g.planes, 16, [&](Index begin, Index end) {
    for (Index plane = begin; plane < end; ++plane) {
      const T* in = x + plane * area;
      for (Index oy = 0; oy < g.out_height; ++oy) {
        const Index out = (plane * g.out_height + oy) * g.out_width;
        if (by_rows) {
          const Index position = 2 * oy * w.width;
          simd::with_widest([&] {
            detail::max_pool_row_2x2(in + position, static_cast<std::int32_t>(position),
                                     static_cast<std::int32_t>(w.width), g.out_width, y + out, argmax + out);
          });
          continue;
        }
        for (Index ox = 0; ox < g.out_width; ++ox) {
          detail::max_pool_window(w, in, oy, ox, y[out + ox], argmax[out + ox]);
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
