#pragma once

#include <algorithm>
#include <concepts>
#include <vector>

#include <engram/autograd/variable.hpp>
#include <engram/kernels/upsample2d.hpp>
#include <engram/kernels/window.hpp>

namespace engram {

using kernels::Pair;

enum class UpsampleMode { nearest, bilinear };

/// Names and meanings are those of torch.nn.Upsample: either `scale` or `size` is given.
struct Upsample2dOptions {
  Pair scale = 0;  ///< whole factors by which height and width grow
  Pair size = 0;   ///< height and width of the result, which may also be smaller
  UpsampleMode mode = UpsampleMode::nearest;
  bool align_corners = false;  ///< bilinear: the corner pixels' centres fall on each other, instead of their corners
};

namespace detail {

/// Where the result's pixels along one axis come from.
template <class T>
std::vector<kernels::ResampleTap<T>> upsample_taps(Index in, Index out, const Upsample2dOptions& o) {
  std::vector<kernels::ResampleTap<T>> taps;
  for (Index i = 0; i < out; ++i) {
    if (o.mode == UpsampleMode::nearest) {
      const Index from = i * in / out;
      taps.push_back({from, from, T{1}, T{0}});
      continue;
    }
    const double step = o.align_corners ? (out > 1 ? static_cast<double>(in - 1) / static_cast<double>(out - 1) : 0.0)
                                        : static_cast<double>(in) / static_cast<double>(out);
    const double at =
        o.align_corners ? step * static_cast<double>(i) : std::max(0.0, step * (static_cast<double>(i) + 0.5) - 0.5);
    const Index first = std::min(static_cast<Index>(at), in - 1);
    const double share = first + 1 < in ? at - static_cast<double>(first) : 0.0;
    taps.push_back({first, std::min(first + 1, in - 1), static_cast<T>(1 - share), static_cast<T>(share)});
  }
  return taps;
}

}  // namespace detail

/// Enlarges images: each pixel repeated (nearest), or weighted means of the four around (bilinear).
/// @param x  [N, C, H, W]
/// @returns  [N, C, H scale, W scale], or [N, C, size]
/// @throws ShapeError if x is no batch of images with pixels; ArgumentError unless either scale or size is given and is
/// 1 or more
template <std::floating_point T>
Variable<T> upsample2d(const Variable<T>& x, const Upsample2dOptions& options) {
  const Shape& s = x.shape();
  const auto given = [](Pair p) { return p.y > 0 && p.x > 0; };
  ensure<ShapeError>(s.rank() == 4 && s[2] > 0 && s[3] > 0,
                     "upsample2d: need x [N, C, H, W] of 1 x 1 pixels or more, got x ", s);
  ensure<ArgumentError>(
      (given(options.scale) && options.size == Pair(0)) || (given(options.size) && options.scale == Pair(0)),
      "upsample2d: need either scale or size, 1 or more, got scale (", options.scale.y, ", ", options.scale.x,
      "), size (", options.size.y, ", ", options.size.x, ")");
  const Index height = options.size.y > 0 ? options.size.y : s[2] * options.scale.y;
  const Index width = options.size.x > 0 ? options.size.x : s[3] * options.scale.x;
  kernels::ResampleGeometry<T> g{.planes = s[0] * s[1],
                                 .height = s[2],
                                 .width = s[3],
                                 .rows = detail::upsample_taps<T>(s[2], height, options),
                                 .columns = detail::upsample_taps<T>(s[3], width, options)};
  auto y = Tensor<T>::uninitialized({s[0], s[1], height, width});
  kernels::resample2d(g, x.value().data(), y.data());
  return differentiable("upsample2d", std::move(y), wrt(x, [shape = s, g = std::move(g)](const Tensor<T>& dy) {
                          auto dx = Tensor<T>::uninitialized(shape);
                          kernels::resample2d_grad(g, dy.data(), dx.data());
                          return dx;
                        }));
}

}  // namespace engram
