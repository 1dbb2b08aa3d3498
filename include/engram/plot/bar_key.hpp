#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/plot/bar_series.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/colormap.hpp>
#include <engram/plot/layout.hpp>

namespace engram::plot::detail {

/// A colour with the rest of the way to white gone by three quarters.
inline Color pale(const Color& c) {
  return {0.75 + 0.25 * c.red, 0.75 + 0.25 * c.green, 0.75 + 0.25 * c.blue};
}

/// The legend of bars(), line by line above them.
class BarKey {
 public:
  /// @param top  the middle of the first line
  BarKey(const Canvas& canvas, const std::vector<BarSeries>& series, const BarsOptions& options, double unit,
         double top)
      : unit_(unit) {
    list(series, options);
    const double margin = 26 * unit;
    double x = margin;
    double y = top;
    for (Entry& entry : entries_) {
      entry.words = fitted(canvas, entry.words, letters(), canvas.width() - 2 * margin - 32 * unit);
      const double wide = 32 * unit + canvas.text_width(letters(), entry.words);
      if (x > margin && x + wide > canvas.width() - margin) {
        x = margin;
        y += 26 * unit;
      }
      entry.x = x;
      entry.y = y;
      x += wide + 28 * unit;
    }
    height_ = entries_.empty() ? 0 : y - top + 32 * unit;
  }

  /// 0 if there is nothing to explain.
  double height() const { return height_; }

  void draw(Canvas& canvas) const {
    for (const Entry& entry : entries_) {
      const double wide = 24 * unit_;
      if (entry.kind == Entry::Kind::mark) {
        canvas.line(entry.x + wide / 2, entry.y - 9 * unit_, entry.x + wide / 2, entry.y + 9 * unit_, 3 * unit_, black);
      } else {
        const double half = 7 * unit_;
        canvas.fill(entry.x, entry.y - half, wide, 2 * half, entry.fill);
        canvas.frame(entry.x + unit_, entry.y - half, wide - 2 * unit_, 2 * half, 1.5 * unit_, entry.edge);
      }
      canvas.text(entry.x + wide + 8 * unit_, entry.y, letters(), entry.words);
    }
  }

 private:
  struct Entry {
    enum class Kind { block, mark };
    Kind kind;
    std::string words;
    Color fill;
    Color edge;
    double x = 0;
    double y = 0;
  };

  void list(const std::vector<BarSeries>& series, const BarsOptions& options) {
    bool controls = false;
    bool beaten = false;
    for (std::size_t i = 0; i < series.size(); ++i) {
      const Color c = category_color(static_cast<Index>(i), std::ssize(series));
      if (!series[i].name.empty()) {
        entries_.push_back({Entry::Kind::block, series[i].name, c, c});
      }
      for (Index item = 0; item < series[i].values.size(); ++item) {
        controls = controls || has(series[i].controls, item);
        beaten = beaten || (has(series[i].values, item) && !beats_control(series[i], item, options.lower_is_better));
      }
    }
    if (controls) {
      entries_.push_back({Entry::Kind::mark, options.control_name, black, black});
    }
    if (beaten) {
      const Color c = series.size() > 1 ? color(0x808080) : category_color(0, 1);
      entries_.push_back({Entry::Kind::block, "not better than that", pale(c), c});
    }
  }

  double letters() const { return 16 * unit_; }

  double unit_;
  std::vector<Entry> entries_;
  double height_ = 0;
};

}  // namespace engram::plot::detail
