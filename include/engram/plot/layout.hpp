#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>

#include <engram/plot/canvas.hpp>
#include <engram/plot/words.hpp>

namespace engram::plot::detail {

/// A part of a figure, in pixels.
struct Box {
  double left;
  double top;
  double right;
  double bottom;

  double wide() const { return right - left; }
  double high() const { return bottom - top; }
};

/// What lengths in a figure are counted in, so that letters grow with it: 1 for 1200 x 1000 pixels.
inline double figure_unit(const Canvas& canvas) {
  return std::max(std::sqrt(canvas.width() * canvas.height()) / 1095, 0.6);  // letters of 11 pixels
}

/// As much of the words as is at most `most` wide.
inline std::string fitted(const Canvas& canvas, std::string_view words, double size, double most) {
  return shortened(words, most, [&](const std::string& text) { return canvas.text_width(size, text); });
}

}  // namespace engram::plot::detail
