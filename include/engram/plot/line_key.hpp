#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <engram/plot/canvas.hpp>
#include <engram/plot/colormap.hpp>
#include <engram/plot/layout.hpp>

namespace engram::plot::detail {

/// Where something is drawn already, so that words can be put beside it.
class Occupied {
 public:
  /// @param step  how far apart, in pixels, places are remembered
  explicit Occupied(double step) : step_(step) {}

  void add_line(double x0, double y0, double x1, double y1) {
    const double parts = std::min(std::ceil(std::hypot(x1 - x0, y1 - y0) / step_), 16000.0);
    for (double i = 0; i <= parts; ++i) {
      const double share = parts > 0 ? i / parts : 0;
      places_.emplace_back(x0 + share * (x1 - x0), y0 + share * (y1 - y0));
    }
  }
  void add_box(const Box& box) {
    for (double y = box.top; y <= box.bottom; y += step_) {
      add_line(box.left, y, box.right, y);
    }
  }

  /// The first of the boxes, not empty, in which the least is drawn, and how much that is.
  std::pair<Box, std::size_t> freest(const std::vector<Box>& boxes) const {
    std::pair<Box, std::size_t> best{boxes.front(), std::numeric_limits<std::size_t>::max()};
    for (const Box& box : boxes) {
      const auto inside = [&](const std::pair<double, double>& at) {
        return at.first > box.left && at.first < box.right && at.second > box.top && at.second < box.bottom;
      };
      const auto count = static_cast<std::size_t>(std::ranges::count_if(places_, inside));
      if (count < best.second) {
        best = {box, count};
      }
    }
    return best;
  }

 private:
  double step_;
  std::vector<std::pair<double, double>> places_;
};

/// How a curve looks.
struct LineStyle {
  Color color;
  bool dashed = false;
};

inline void set_stroke(Canvas& canvas, const LineStyle& style, double wide, double unit) {
  const double dashes[] = {7 * unit, 4 * unit};
  cairo_set_dash(canvas.cairo(), dashes, style.dashed ? 2 : 0, 0);
  cairo_set_line_width(canvas.cairo(), wide);
  cairo_set_line_join(canvas.cairo(), CAIRO_LINE_JOIN_ROUND);
  cairo_set_source_rgb(canvas.cairo(), style.color.red, style.color.green, style.color.blue);
}

/// Names of curves beside short pieces of them. Long names are cut short, and those without a name left out.
class LineKey {
 public:
  LineKey(const Canvas& canvas, const std::vector<std::pair<std::string, LineStyle>>& entries, double unit,
          double height)
      : unit_(unit) {
    for (const auto& entry : entries) {
      if (!entry.first.empty()) {
        entries_.emplace_back(fitted(canvas, entry.first, letters(), 300 * unit), entry.second);
      }
    }
    const auto most = static_cast<std::size_t>(std::max(1.0, std::floor(height / row())));
    if (entries_.size() > most) {
      const std::string rest = engram::text("and ", entries_.size() - most + 1, " more");
      entries_.resize(most - 1);
      entries_.emplace_back(rest, LineStyle{white});
    }
    for (const auto& entry : entries_) {
      width_ = std::max(width_, piece() + 8 * unit_ + canvas.text_width(letters(), entry.first));
    }
  }

  bool empty() const { return entries_.empty(); }
  double width() const { return width_; }
  double height() const { return static_cast<double>(entries_.size()) * row(); }

  void draw(Canvas& canvas, double x, double y) const {
    for (const auto& [name, style] : entries_) {
      y += row() / 2;
      set_stroke(canvas, style, 3 * unit_, unit_);
      cairo_move_to(canvas.cairo(), x, y);
      cairo_line_to(canvas.cairo(), x + piece(), y);
      cairo_stroke(canvas.cairo());
      cairo_set_dash(canvas.cairo(), nullptr, 0, 0);
      canvas.text(x + piece() + 8 * unit_, y, letters(), name);
      y += row() / 2;
    }
  }

 private:
  double letters() const { return 18 * unit_; }
  double row() const { return 27 * unit_; }
  double piece() const { return 34 * unit_; }

  double unit_;
  std::vector<std::pair<std::string, LineStyle>> entries_;
  double width_ = 0;
};

}  // namespace engram::plot::detail
