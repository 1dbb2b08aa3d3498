#pragma once

#include <algorithm>
#include <string>

#include <engram/core/error.hpp>
#include <engram/plot/axis.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/colormap.hpp>
#include <engram/plot/layout.hpp>

namespace engram::plot {

/// What an axis shows, see Axis.
struct AxisRange {
  double low = 0;
  double high = 1;
  bool logarithmic = false;
};

struct AxesWords {
  std::string title = {};
  std::string x_label = {};
  std::string y_label = {};
};

/// A frame with numbers along its lower and its left side, and words around it, as large as the canvas has room for.
class Axes {
 public:
  /// @param right  room to leave at the right of the frame, in pixels
  /// @param what   the figure's name, for the error
  /// @throws ArgumentError if the canvas is too small for the words
  Axes(const Canvas& canvas, const AxesWords& words, const AxisRange& x, const AxisRange& y, double right,
       const std::string& what)
      : unit_(detail::figure_unit(canvas)), words_(words), x_(0, 1), y_(0, 1) {
    const double margin = 26 * unit_;
    box_ = {.left = margin + (words.y_label.empty() ? 0 : 30 * unit_),
            .top = margin + (words.title.empty() ? 0 : 42 * unit_),
            .right = canvas.width() - margin - right,
            .bottom = canvas.height() - margin - 22 * unit_ - (words.x_label.empty() ? 0 : 30 * unit_)};
    const double rows = std::max(box_.high(), 0.0) / (50 * unit_);
    y_ = Axis(y.low, y.high, y.logarithmic, 0.05, static_cast<int>(std::clamp(rows, 2.0, 9.0)));
    double widest = 0;
    for (const Tick& tick : y_.ticks()) {
      widest = std::max(widest, canvas.text_width(letters(), tick.words));
    }
    box_.left += widest + 10 * unit_;
    for (int most = 10; most >= 2; --most) {
      x_ = Axis(x.low, x.high, x.logarithmic, 0.02, most);
      if (x_fits(canvas)) {
        break;
      }
    }
    const Tick& last = x_.ticks().back();
    const double over = at_x(last.value) + canvas.text_width(letters(), last.words) / 2 - (canvas.width() - 4 * unit_);
    box_.right -= std::max(0.0, over - right);
    ensure<ArgumentError>(box_.wide() > 60 * unit_ && box_.high() > 60 * unit_, what,
                          ": need a larger figure to have room beside its words, got ", canvas.width(), " x ",
                          canvas.height());
  }

  double unit() const { return unit_; }
  const detail::Box& box() const { return box_; }
  const Axis& x() const { return x_; }
  const Axis& y() const { return y_; }
  double at_x(double value) const { return box_.left + x_.share(value) * box_.wide(); }
  double at_y(double value) const { return box_.bottom - y_.share(value) * box_.high(); }

  /// Pale lines at the numbers, for below the curves.
  void draw_grid(Canvas& canvas) const {
    const Color pale = color(0xE6E6E6);
    for (const Tick& tick : x_.ticks()) {
      canvas.line(at_x(tick.value), box_.top, at_x(tick.value), box_.bottom, unit_, pale);
    }
    for (const Tick& tick : y_.ticks()) {
      canvas.line(box_.left, at_y(tick.value), box_.right, at_y(tick.value), unit_, pale);
    }
  }

  /// Frame, numbers and words.
  void draw(Canvas& canvas) const {
    canvas.frame(box_.left, box_.top, box_.wide(), box_.high(), unit_, color(0x808080));
    for (const Tick& tick : x_.ticks()) {
      canvas.line(at_x(tick.value), box_.bottom, at_x(tick.value), box_.bottom + 5 * unit_, unit_, color(0x808080));
      canvas.text(at_x(tick.value), box_.bottom + 18 * unit_, letters(), tick.words, Align::centre);
    }
    for (const Tick& tick : y_.ticks()) {
      canvas.line(box_.left - 5 * unit_, at_y(tick.value), box_.left, at_y(tick.value), unit_, color(0x808080));
      canvas.text(box_.left - 10 * unit_, at_y(tick.value), letters(), tick.words, Align::right);
    }
    const double margin = 26 * unit_;
    canvas.text(margin, margin + 10 * unit_, 24 * unit_,
                detail::fitted(canvas, words_.title, 24 * unit_, canvas.width() - 2 * margin));
    canvas.text((box_.left + box_.right) / 2, box_.bottom + 48 * unit_, 18 * unit_,
                detail::fitted(canvas, words_.x_label, 18 * unit_, box_.wide()), Align::centre);
    canvas.upward_text(margin + 4 * unit_, (box_.top + box_.bottom) / 2, 18 * unit_,
                       detail::fitted(canvas, words_.y_label, 18 * unit_, box_.high()));
  }

 private:
  double letters() const { return 16 * unit_; }

  bool x_fits(const Canvas& canvas) const {
    double end = -1e9;
    for (const Tick& tick : x_.ticks()) {
      const double wide = canvas.text_width(letters(), tick.words);
      if (at_x(tick.value) - wide / 2 < end) {
        return false;
      }
      end = at_x(tick.value) + wide / 2 + 16 * unit_;
    }
    return true;
  }

  double unit_;
  AxesWords words_;
  detail::Box box_{};
  Axis x_;
  Axis y_;
};

}  // namespace engram::plot
