#pragma once

#include <engram/kernels/conv2d_geometry.hpp>

/// Calls product(pixel, weight, result), the three positions in memory, for each product that a convolution adds up:
/// seven plain loops and one over groups.
template <class F>
void for_each_product(const engram::kernels::Conv2dGeometry& g, F product) {
  using engram::Index;
  const auto& w = g.window;
  for (Index n = 0; n < g.batch; ++n) {
    for (Index group = 0; group < g.groups; ++group) {
      for (Index f = 0; f < g.filters; ++f) {
        for (Index oy = 0; oy < w.out_height(); ++oy) {
          for (Index ox = 0; ox < w.out_width(); ++ox) {
            for (Index c = 0; c < w.channels; ++c) {
              for (Index ky = 0; ky < w.kernel.y; ++ky) {
                for (Index kx = 0; kx < w.kernel.x; ++kx) {
                  const Index y = oy * w.stride.y - w.padding.y + ky * w.dilation.y;
                  const Index x = ox * w.stride.x - w.padding.x + kx * w.dilation.x;
                  if (y < 0 || y >= w.height || x < 0 || x >= w.width) {
                    continue;
                  }
                  const Index filter = group * g.filters + f;
                  product(((n * g.groups * w.channels + group * w.channels + c) * w.height + y) * w.width + x,
                          ((filter * w.channels + c) * w.kernel.y + ky) * w.kernel.x + kx,
                          ((n * g.groups * g.filters + filter) * w.out_height() + oy) * w.out_width() + ox);
                }
              }
            }
          }
        }
      }
    }
  }
}
