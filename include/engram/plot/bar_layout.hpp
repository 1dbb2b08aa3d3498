#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include <engram/core/error.hpp>
#include <engram/core/tensor.hpp>
#include <engram/plot/axis.hpp>
#include <engram/plot/bar_key.hpp>
#include <engram/plot/bar_series.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/colormap.hpp>
#include <engram/plot/layout.hpp>

namespace engram::plot::detail {

/// Where the parts of bars() are, and how each is drawn.
class BarLayout {
 public:
  BarLayout(const Canvas& canvas, const std::vector<std::string>& items, const std::vector<BarSeries>& series,
            const BarsOptions& options, double low, double high)
      : items_(items),
        series_(series),
        options_(options),
        unit_(std::max(canvas.width() / 1200, 0.6)),
        axis_(0, 1),
        key_(canvas, series, options, unit_, (options.title.empty() ? 32 : 74) * unit_) {
    largest_ = std::max(-low, high);
    const double margin = 26 * unit_;
    double names = 0;
    double scores = 0;
    for (std::size_t i = 0; i < items.size(); ++i) {
      items_[i] = fitted(canvas, items[i], letters(), 0.35 * canvas.width());
      names = std::max(names, canvas.text_width(letters(), items_[i]));
      for (const BarSeries& s : series) {
        scores = std::max(scores, canvas.text_width(letters(), score(s, static_cast<Index>(i))));
      }
    }
    box_ = {.left = margin + names + 14 * unit_,
            .top = margin + (options.title.empty() ? 0 : 42 * unit_),
            .right = canvas.width() - margin,
            .bottom = canvas.height() - margin - (options.x_label.empty() ? 22 : 52) * unit_};
    box_.top += key_.height();
    left_ = box_.left + (low < 0 ? scores + 14 * unit_ : 0);
    right_ = box_.right - (high > 0 || low == 0 ? scores + 14 * unit_ : 0);
    group_ = box_.high() / static_cast<double>(items.size());
    thick_ = std::min(0.8 * group_ / static_cast<double>(series.size()), 36 * unit_);
    ensure<ArgumentError>(right_ - left_ > 60 * unit_ && thick_ > 7 * unit_, "bars: need a larger figure for ",
                          items.size(), " x ", series.size(), " bars and their words, got ", canvas.width(), " x ",
                          canvas.height());
    const double to = low == high ? 1 : high;
    for (int most = 8; most >= 2; --most) {
      axis_ = Axis(low, to, false, 0, most);
      if (ticks_fit(canvas)) {
        break;
      }
    }
  }

  void draw_axis(Canvas& canvas) const {
    for (const Tick& tick : axis_.ticks()) {
      canvas.line(at(tick.value), box_.top, at(tick.value), box_.bottom, unit_, color(0xE6E6E6));
      canvas.text(at(tick.value), box_.bottom + 18 * unit_, letters(), tick.words, Align::centre);
    }
    const double margin = 26 * unit_;
    canvas.text(margin, margin + 10 * unit_, 24 * unit_,
                fitted(canvas, options_.title, 24 * unit_, canvas.width() - 2 * margin));
    canvas.text((left_ + right_) / 2, box_.bottom + 48 * unit_, 18 * unit_,
                fitted(canvas, options_.x_label, 18 * unit_, right_ - left_), Align::centre);
  }

  void draw_key(Canvas& canvas) const { key_.draw(canvas); }

  void draw_name(Canvas& canvas, Index item) const {
    canvas.text(box_.left - 10 * unit_, middle(item), letters(), items_[static_cast<std::size_t>(item)], Align::right);
  }

  void draw_bar(Canvas& canvas, Index item, Index which) const {
    const BarSeries& s = series_[static_cast<std::size_t>(which)];
    const double y =
        middle(item) + thick_ * (static_cast<double>(which) + 0.5 - 0.5 * static_cast<double>(series_.size()));
    const Color full = category_color(which, std::ssize(series_));
    const double zero = at(0);
    if (!has(s.values, item)) {
      canvas.text(zero + 6 * unit_, y, score_letters(), "no score", Align::left, color(0x808080));
    } else {
      draw_block(canvas, zero, at(s.values[item]), y, full, beats_control(s, item, options_.lower_is_better));
    }
    double ends[2] = {has(s.values, item) ? at(s.values[item]) : zero, 0};
    ends[1] = ends[0];
    if (has(s.low, item) && has(s.high, item)) {
      canvas.line(at(s.low[item]), y, at(s.high[item]), y, 4 * unit_, white);
      canvas.line(at(s.low[item]), y, at(s.high[item]), y, 2 * unit_, color(0x404040));
      ends[0] = std::min(ends[0], at(s.low[item]));
      ends[1] = std::max(ends[1], at(s.high[item]));
    }
    if (has(s.controls, item)) {
      draw_mark(canvas, at(s.controls[item]), y);
    }
    canvas.line(zero, y - thick_ / 2, zero, y + thick_ / 2, 1.5 * unit_, black);
    if (has(s.values, item)) {
      write_score(canvas, s, item, ends, y);
    }
  }

 private:
  double letters() const { return 16 * unit_; }
  double score_letters() const { return std::min(letters(), 0.95 * thick_); }
  double at(double value) const { return left_ + axis_.share(value) * (right_ - left_); }
  double middle(Index item) const { return box_.top + (static_cast<double>(item) + 0.5) * group_; }
  std::string score(const BarSeries& s, Index item) const {
    return has(s.values, item) ? score_words(s.values[item], largest_, options_.decimals) : "";
  }

  bool ticks_fit(const Canvas& canvas) const {
    double end = -1e9;
    for (const Tick& tick : axis_.ticks()) {
      const double half = canvas.text_width(letters(), tick.words) / 2;
      if (at(tick.value) - half < end || at(tick.value) + half > canvas.width() - 2 * unit_) {
        return false;
      }
      end = at(tick.value) + half + 16 * unit_;
    }
    return true;
  }

  void draw_block(Canvas& canvas, double from, double to, double y, const Color& full, bool better) const {
    const double high = 0.84 * thick_;
    const double left = std::min(from, to);
    canvas.fill(left, y - high / 2, std::abs(to - from), high, better ? full : pale(full));
    if (!better && std::abs(to - from) > 2 * unit_) {
      canvas.frame(left + 0.75 * unit_, y - high / 2 + 0.75 * unit_, std::abs(to - from) - 1.5 * unit_,
                   high - 1.5 * unit_, 1.5 * unit_, full);
    }
  }

  void draw_mark(Canvas& canvas, double x, double y) const {
    const double half = 0.46 * thick_;
    canvas.line(x, y - half, x, y + half, 6 * unit_, white);
    canvas.line(x, y - half, x, y + half, 3 * unit_, black);
  }

  /// Beside the bar's end, and beyond the control's mark where that is in the way.
  void write_score(Canvas& canvas, const BarSeries& s, Index item, const double (&ends)[2], double y) const {
    const std::string words = score(s, item);
    const double wide = canvas.text_width(score_letters(), words);
    const bool negative = s.values[item] < 0;
    const double way = negative ? -1 : 1;
    double end = negative ? ends[0] : ends[1];
    if (has(s.controls, item)) {
      const double beyond = way * (at(s.controls[item]) - end);
      end += beyond > -4 * unit_ && beyond < wide + 14 * unit_ ? way * std::max(beyond + 2 * unit_, 0.0) : 0;
    }
    canvas.text(end + way * 7 * unit_, y, score_letters(), words, negative ? Align::right : Align::left);
  }

  std::vector<std::string> items_;
  std::vector<BarSeries> series_;
  BarsOptions options_;
  double unit_;
  Axis axis_;
  BarKey key_;
  double largest_;
  Box box_{};
  double left_ = 0;
  double right_ = 0;
  double group_ = 0;
  double thick_ = 0;
};

}  // namespace engram::plot::detail
