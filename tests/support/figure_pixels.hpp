#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include <engram/core/tensor.hpp>
#include <engram/plot/colormap.hpp>

namespace engram::figure {

/// Where the pixels of one colour are.
struct Place {
  Index count = 0;
  double x = 0;  ///< their mean
  double y = 0;
  Index left = 1 << 20;
  Index right = -1;
  Index top = 1 << 20;
  Index bottom = -1;
};

/// Pixels of a figure [3, H, W] that are of a colour, but for one level of 255.
inline Place place(const Tensor<std::uint8_t>& pixels, const plot::Color& wanted) {
  const Index wide = pixels.dim(2);
  const Index plane = pixels.dim(1) * wide;
  Place out;
  for (Index i = 0; i < plane; ++i) {
    const auto near = [&](Index channel, double level) {
      return std::abs(pixels[channel * plane + i] - 255 * level) < 1.51;
    };
    if (!near(0, wanted.red) || !near(1, wanted.green) || !near(2, wanted.blue)) {
      continue;
    }
    ++out.count;
    out.x += static_cast<double>(i % wide);
    out.y += static_cast<double>(i / wide);
    out.left = std::min(out.left, i % wide);
    out.right = std::max(out.right, i % wide);
    out.top = std::min(out.top, i / wide);
    out.bottom = std::max(out.bottom, i / wide);
  }
  if (out.count > 0) {
    out.x /= static_cast<double>(out.count);
    out.y /= static_cast<double>(out.count);
  }
  return out;
}

/// Whether nothing reaches the edge of a figure, so that no word is cut off.
inline bool edge_is_white(const Tensor<std::uint8_t>& pixels) {
  const Index wide = pixels.dim(2);
  const Index high = pixels.dim(1);
  for (Index i = 0; i < pixels.size(); ++i) {
    const Index x = i % wide;
    const Index y = i / wide % high;
    if ((x == 0 || y == 0 || x == wide - 1 || y == high - 1) && pixels[i] != 255) {
      return false;
    }
  }
  return true;
}

}  // namespace engram::figure
