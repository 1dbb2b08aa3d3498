#pragma once

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/plot/bar_layout.hpp>
#include <engram/plot/bar_series.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/write_figure.hpp>

namespace engram::plot {

/// Draws horizontal bars from 0, items one below the other, with each score beside its control.
///
/// The control's number is a black mark across the bar. A bar that is not better than its control is pale with
/// an outline, so that it does not look like a result. Scores are written at the ends of the bars.
/// @param items   names, at the left; I of them
/// @param series  at least one, each with a score for every item: bars of one colour, in groups if there are several
/// @throws ShapeError unless every series has [I] values, and controls, low and high are [I] or empty; ArgumentError
/// for infinite numbers or more than 1e300 in amount, decimals not in 0 .. 9, or a canvas too small for the words or
/// for so many bars
inline void bars(Canvas& canvas, const std::vector<std::string>& items, const std::vector<BarSeries>& series,
                 const BarsOptions& options = {}) {
  const auto [low, high] = detail::bar_range(items, series, options);
  const detail::BarLayout layout(canvas, items, series, options, low, high);
  layout.draw_axis(canvas);
  for (std::size_t item = 0; item < items.size(); ++item) {
    layout.draw_name(canvas, static_cast<Index>(item));
    for (std::size_t s = 0; s < series.size(); ++s) {
      layout.draw_bar(canvas, static_cast<Index>(item), static_cast<Index>(s));
    }
  }
  layout.draw_key(canvas);
}

/// Writes bars() as .png, .svg or .pdf; atomic, see io::AtomicFile.
/// @throws as bars; ArgumentError for another extension, IoError if the file cannot be written
inline void write_bars(const std::filesystem::path& path, const std::vector<std::string>& items,
                       const std::vector<BarSeries>& series, const BarsOptions& options = {}) {
  const auto rows = static_cast<double>(std::ssize(items) * (std::ssize(series) + 1));
  const double unit = std::max(static_cast<double>(options.width) / 1200, 0.6);
  const auto needed = static_cast<Index>(std::min(16000.0, unit * (220 + 26 * rows)));
  const Index height = options.height > 0 ? options.height : needed;
  write_figure(path, options.width, height, [&](Canvas& canvas) { bars(canvas, items, series, options); });
}

}  // namespace engram::plot
