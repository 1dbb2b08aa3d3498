#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <engram/plot/canvas.hpp>
#include <engram/plot/colormap.hpp>
#include <engram/plot/point_colors.hpp>
#include <engram/plot/words.hpp>

namespace engram::plot {

/// What explains the colours of points, drawn beside them: names, a bar with numbers, or a wheel of directions. Long
/// names are cut short, and of more categories than there is room for, the first ones are listed.
class Legend {
 public:
  /// @param unit    of all lengths; letters are 18 of them high
  /// @param height  that there is room for
  Legend(const Canvas& canvas, const Coloring& coloring, double unit, double height)
      : unit_(unit), key_(coloring.key), has_unknown_(coloring.has_unknown) {
    const auto width = [&](const std::string& words) { return canvas.text_width(letters(), words); };
    const auto fitted = [&](std::string_view words) { return shortened(words, 300 * unit_, width); };
    title_ = coloring.title.empty() ? std::string() : fitted(coloring.title);
    if (auto* entries = std::get_if<std::vector<LegendEntry>>(&key_)) {
      if (has_unknown_) {
        entries->push_back({"unknown", unknown_color});
      }
      set_columns(*entries, height);
      for (LegendEntry& entry : *entries) {
        entry.name = fitted(entry.name);
        column_width_ = std::max(column_width_, swatch() + width(entry.name));
      }
      width_ = static_cast<double>(columns_) * column_width_ + static_cast<double>(columns_ - 1) * gap();
    } else if (const auto* bar = std::get_if<ColorBar>(&key_)) {
      bar_height_ = std::min(440 * unit_, height - (title_.empty() ? 1 : 3) * row() - (has_unknown_ ? row() : 0));
      ticks_ = nice_ticks(bar->low, bar->high);
      for (const Tick& tick : ticks_) {
        width_ = std::max(width_, 34 * unit_ + width(tick.words));
      }
    } else if (const auto* wheel = std::get_if<ColorWheel>(&key_)) {
      quarters_ = quarters(wheel->period);
      side_ = std::max(width(quarters_[0]), width(quarters_[2])) + 8 * unit_;
      width_ = 2 * (side_ + radius());
    }
    if (has_unknown_ && !std::holds_alternative<std::vector<LegendEntry>>(key_)) {
      width_ = std::max(width_, swatch() + width("unknown"));
    }
    width_ = width_ > 0 ? std::max(width_, width(title_)) : 0;
  }

  /// 0 if there is nothing to explain.
  double width() const { return width_; }

  void draw(Canvas& canvas, double x, double y) const {
    if (width_ == 0) {
      return;
    }
    y += row() / 2;
    if (!title_.empty()) {
      canvas.text(x, y, letters(), title_);
      y += 1.3 * row();
    }
    if (const auto* entries = std::get_if<std::vector<LegendEntry>>(&key_)) {
      for (std::size_t i = 0; i < entries->size(); ++i) {
        const auto column = static_cast<double>(i / rows_);
        draw_entry(canvas, x + column * (column_width_ + gap()), y + static_cast<double>(i % rows_) * row(),
                   (*entries)[i]);
      }
      return;
    }
    if (std::holds_alternative<ColorBar>(key_)) {
      y += draw_bar(canvas, x, y);
    } else if (std::holds_alternative<ColorWheel>(key_)) {
      y += draw_wheel(canvas, x, y);
    }
    if (has_unknown_) {
      draw_entry(canvas, x, y, {"unknown", unknown_color});
    }
  }

 private:
  double letters() const { return 18 * unit_; }
  double row() const { return 27 * unit_; }
  double swatch() const { return 22 * unit_; }
  double gap() const { return 20 * unit_; }
  double radius() const { return 62 * unit_; }

  /// In how many columns the entries are listed; what goes beyond three becomes one last entry.
  void set_columns(std::vector<LegendEntry>& entries, double height) {
    const double titled = title_.empty() ? 0 : 1.3 * row();
    rows_ = static_cast<std::size_t>(std::max(1.0, std::floor((height - titled) / row())));
    if (entries.size() > 3 * rows_) {
      const std::size_t listed = 3 * rows_ - 1;
      const std::string rest = engram::text("and ", entries.size() - listed, " more");
      entries.resize(listed);
      entries.push_back({rest, white});
    }
    columns_ = (entries.size() + rows_ - 1) / rows_;
  }

  void draw_entry(Canvas& canvas, double x, double y, const LegendEntry& entry) const {
    canvas.disc(x + 7 * unit_, y, 6.5 * unit_, entry.color);
    canvas.text(x + swatch(), y, letters(), entry.name);
  }

  double draw_bar(Canvas& canvas, double x, double y) const {
    const auto& bar = std::get<ColorBar>(key_);
    const double wide = 22 * unit_;
    y -= row() / 2;
    cairo_pattern_t* gradient = cairo_pattern_create_linear(0, y + bar_height_, 0, y);
    for (int i = 0; i <= 64; ++i) {
      const Color c = sequential_color(bar.high > bar.low ? i / 64.0 : 0.5);
      cairo_pattern_add_color_stop_rgb(gradient, i / 64.0, c.red, c.green, c.blue);
    }
    cairo_set_source(canvas.cairo(), gradient);
    cairo_pattern_destroy(gradient);
    cairo_rectangle(canvas.cairo(), x, y, wide, bar_height_);
    cairo_fill(canvas.cairo());
    canvas.frame(x, y, wide, bar_height_, unit_, black);
    for (const Tick& tick : ticks_) {
      const double share = bar.high > bar.low ? (tick.value / 2 - bar.low / 2) / (bar.high / 2 - bar.low / 2) : 0.5;
      const double at = y + (1 - share) * bar_height_;
      canvas.line(x + wide, at, x + wide + 6 * unit_, at, unit_, black);
      canvas.text(x + wide + 11 * unit_, at, letters(), tick.words);
    }
    return bar_height_ + row();
  }

  double draw_wheel(Canvas& canvas, double x, double y) const {
    constexpr int wedges = 180;
    const bool clockwise = std::get<ColorWheel>(key_).clockwise;
    const double middle_x = x + side_ + radius();
    const double middle_y = y + row() / 2 + radius();
    for (int i = 0; i < wedges; ++i) {
      const auto angle = [](double place) { return -2 * std::numbers::pi * place / wedges; };
      const double turn = (i + 0.5) / wedges;  // anticlockwise
      const Color c = cyclic_color(clockwise ? 1 - turn : turn);
      const double begin = i == 0 ? -0.6 : i;  // one reaches under the next, so that no seam shows
      const double end = i + (i + 1 < wedges ? 1.6 : 1);
      cairo_set_source_rgb(canvas.cairo(), c.red, c.green, c.blue);
      cairo_arc_negative(canvas.cairo(), middle_x, middle_y, radius(), angle(begin), angle(end));
      cairo_arc(canvas.cairo(), middle_x, middle_y, 0.6 * radius(), angle(end), angle(begin));
      cairo_close_path(canvas.cairo());
      cairo_fill(canvas.cairo());
    }
    const double aside = radius() + 8 * unit_;
    canvas.text(middle_x + aside, middle_y, letters(), quarters_[0]);
    canvas.text(middle_x, middle_y - radius() - row() / 2, letters(), quarters_[clockwise ? 3 : 1], Align::centre);
    canvas.text(middle_x - aside, middle_y, letters(), quarters_[2], Align::right);
    canvas.text(middle_x, middle_y + radius() + row() / 2, letters(), quarters_[clockwise ? 1 : 3], Align::centre);
    return 2 * radius() + 2.5 * row();
  }

  /// What 0, 1/4, 1/2 and 3/4 of a turn are: degrees for periods of 2 pi and 360, else in the period's unit.
  static std::vector<std::string> quarters(double period) {
    const bool degrees = std::abs(period - 2 * std::numbers::pi) < 1e-3 || period == 360;
    std::vector<std::string> out;
    for (int i = 0; i < 4; ++i) {
      out.push_back(degrees ? engram::text(90 * i, "\xC2\xB0") : nice_ticks(i * period / 4, i * period / 4)[0].words);
    }
    return out;
  }

  double unit_;
  decltype(Coloring::key) key_;
  bool has_unknown_;
  std::string title_;
  double width_ = 0;
  std::size_t rows_ = 1;
  std::size_t columns_ = 0;
  double column_width_ = 0;
  double bar_height_ = 0;
  std::vector<Tick> ticks_;
  std::vector<std::string> quarters_;
  double side_ = 0;
};

}  // namespace engram::plot
