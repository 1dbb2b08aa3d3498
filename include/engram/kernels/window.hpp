#pragma once

#include <engram/core/shape.hpp>

namespace engram::kernels {

/// A vertical and a horizontal value, in this order, as in PyTorch's pairs.
struct Pair {
  Index y = 0;
  Index x = 0;

  constexpr Pair() = default;
  constexpr Pair(Index both) : y(both), x(both) {}  // NOLINT: 3 means (3, 3)
  constexpr Pair(Index vertical, Index horizontal) : y(vertical), x(horizontal) {}
  bool operator==(const Pair&) const = default;
};

/// Where a window of `kernel` taps, `dilation` pixels apart, stands on a [channels, height, width] image
/// that is padded by `padding` pixels on every side, moving by `stride`.
struct Window2d {
  Index channels = 1;
  Index height = 0;
  Index width = 0;
  Pair kernel = 1;
  Pair stride = 1;
  Pair padding = 0;
  Pair dilation = 1;
  Pair positions_used = 0;  ///< window positions down and across; 0: as many as fit

  Index taps() const { return channels * kernel.y * kernel.x; }
  Index pixels() const { return channels * height * width; }
  Index out_height() const {
    return positions_used.y > 0 ? positions_used.y : extent(height, padding.y, dilation.y, kernel.y, stride.y);
  }
  Index out_width() const {
    return positions_used.x > 0 ? positions_used.x : extent(width, padding.x, dilation.x, kernel.x, stride.x);
  }
  Index positions() const { return out_height() * out_width(); }

  /// floor((size + 2 padding - dilation (kernel - 1) - 1) / stride) + 1; 0 or less if it does not fit.
  static constexpr Index extent(Index size, Index padding, Index dilation, Index kernel, Index stride) {
    const Index room = size + 2 * padding - dilation * (kernel - 1) - 1;
    return room < 0 ? 0 : room / stride + 1;
  }
};

}  // namespace engram::kernels
