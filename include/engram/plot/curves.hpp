#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <engram/core/tensor.hpp>
#include <engram/plot/axes.hpp>
#include <engram/plot/canvas.hpp>
#include <engram/plot/colormap.hpp>
#include <engram/plot/curve.hpp>
#include <engram/plot/layout.hpp>
#include <engram/plot/line_key.hpp>
#include <engram/plot/reference_line.hpp>
#include <engram/plot/write_figure.hpp>

namespace engram::plot {

namespace detail {

/// Calls use(first, last) for each longest run of points that is(i) holds for.
template <class Is, class Use>
void for_each_run(Index count, Is is, Use use) {
  for (Index i = 0; i < count; ++i) {
    if (!is(i)) {
      continue;
    }
    const Index first = i;
    while (i + 1 < count && is(i + 1)) {
      ++i;
    }
    use(first, i);
  }
}

inline void draw_band(Canvas& canvas, const Axes& axes, const Curve& c, const Color& color, Occupied& occupied) {
  const auto known = [&](Index i) { return !std::isnan(c.low[i]) && !std::isnan(c.high[i]); };
  for_each_run(c.low.size(), known, [&](Index first, Index last) {
    for (Index i = first; i <= last; ++i) {
      cairo_line_to(canvas.cairo(), axes.at_x(c.x[i]), axes.at_y(c.high[i]));
      occupied.add_line(axes.at_x(c.x[i]), axes.at_y(c.high[i]), axes.at_x(c.x[i]), axes.at_y(c.low[i]));
    }
    for (Index i = last; i >= first; --i) {
      cairo_line_to(canvas.cairo(), axes.at_x(c.x[i]), axes.at_y(c.low[i]));
    }
    cairo_close_path(canvas.cairo());
    cairo_set_source_rgba(canvas.cairo(), color.red, color.green, color.blue, 0.2);
    cairo_fill(canvas.cairo());
  });
}

/// Few points are marked, and so is one between gaps.
inline void draw_curve(Canvas& canvas, const Axes& axes, const Curve& c, const LineStyle& style, Occupied& occupied) {
  const double unit = axes.unit();
  const auto known = [&](Index i) { return !std::isnan(c.y[i]); };
  for_each_run(c.y.size(), known, [&](Index first, Index last) {
    set_stroke(canvas, style, 2.5 * unit, unit);
    for (Index i = first; i <= last; ++i) {
      cairo_line_to(canvas.cairo(), axes.at_x(c.x[i]), axes.at_y(c.y[i]));
      const Index from = std::max(first, i - 1);
      occupied.add_line(axes.at_x(c.x[from]), axes.at_y(c.y[from]), axes.at_x(c.x[i]), axes.at_y(c.y[i]));
    }
    cairo_stroke(canvas.cairo());
    cairo_set_dash(canvas.cairo(), nullptr, 0, 0);
    for (Index i = first; i <= last; ++i) {
      if (c.y.size() <= 30 || first == last) {
        canvas.disc(axes.at_x(c.x[i]), axes.at_y(c.y[i]), 4 * unit, style.color);
      }
    }
  });
}

/// Corners and sides of the frame where a legend of that size could be.
inline std::vector<Box> legend_places(const Box& box, const LineKey& key, double unit) {
  const double gap = 10 * unit;
  const double free_x = box.wide() - key.width() - 2 * gap;
  const double free_y = box.high() - key.height() - 2 * gap;
  std::vector<Box> places;
  for (const auto& [x, y] :
       {std::pair{1.0, 0.0}, {1.0, 1.0}, {0.0, 0.0}, {0.0, 1.0}, {1.0, 0.5}, {0.5, 0.0}, {0.5, 1.0}, {0.0, 0.5}}) {
    const double left = box.left + x * free_x;
    const double top = box.top + y * free_y;
    if (free_x >= 0 && free_y >= 0) {
      places.push_back({left, top, left + key.width() + 2 * gap, top + key.height() + 2 * gap});
    }
  }
  return places;
}

inline std::vector<std::pair<std::string, LineStyle>> curve_styles(const std::vector<Curve>& curves) {
  Index colors = std::ssize(curves);
  for (const Curve& c : curves) {
    colors = std::max(colors, c.color.value_or(0) + 1);
  }
  std::vector<std::pair<std::string, LineStyle>> out;
  for (const Curve& c : curves) {
    const Index color = c.color.value_or(std::ssize(out));
    out.emplace_back(c.name, LineStyle{category_color(color, colors), c.dashed});
  }
  return out;
}

/// All but the legend; what is drawn is added to `occupied`.
inline void draw_curves(Canvas& canvas, const Axes& axes, const std::vector<Curve>& curves,
                        const std::vector<std::pair<std::string, LineStyle>>& styles,
                        const std::vector<ReferenceLine>& references, Occupied& occupied) {
  axes.draw_grid(canvas);
  for (std::size_t i = 0; i < curves.size(); ++i) {
    draw_band(canvas, axes, curves[i], styles[i].second.color, occupied);
  }
  for (std::size_t i = 0; i < curves.size(); ++i) {
    draw_curve(canvas, axes, curves[i], styles[i].second, occupied);
  }
  std::vector<std::pair<Box, std::string>> words;
  for (const ReferenceLine& line : references) {
    draw_reference(canvas, axes, line, occupied, words);
  }
  for (const auto& [place, shown] : words) {
    cairo_set_source_rgba(canvas.cairo(), 1, 1, 1, 0.8);
    cairo_rectangle(canvas.cairo(), place.left, place.top, place.wide(), place.high());
    cairo_fill(canvas.cairo());
    canvas.text(place.left + 4 * axes.unit(), (place.top + place.bottom) / 2, 16 * axes.unit(), shown, Align::left,
                color(0x404040));
  }
  axes.draw(canvas);
}

}  // namespace detail

/// Draws lines y(x) with axes, a legend that covers none of them, bands around them and reference lines.
///
/// Round numbers along the axes; the range is that of everything drawn, and 5 % more above and below. Up to 30 points
/// of a curve are marked.
/// @param lines   at least one; x, y and the ends of the bands are at most 1e300 in amount, and positive on a
///                logarithmic axis; only the lower end of a band may lie below, and is then not seen
/// @throws ShapeError unless the shapes of a curve agree; ArgumentError for other numbers, if there is none to draw, a
/// colour is negative, or the canvas is too small for the words
inline void curves(Canvas& canvas, const std::vector<Curve>& lines, const CurvesOptions& options = {}) {
  const auto [x, y] = detail::curve_ranges(lines, options);
  const auto styles = detail::curve_styles(lines);
  const AxesWords words{options.title, options.x_label, options.y_label};
  const double unit = detail::figure_unit(canvas);
  const Axes whole(canvas, words, x, y, 0, "curves");
  const detail::LineKey key(canvas, styles, unit, whole.box().high());
  if (key.empty() || options.legend == LegendPlace::none) {
    detail::Occupied occupied(3 * unit);
    detail::draw_curves(canvas, whole, lines, styles, options.references, occupied);
    return;
  }
  const auto places = detail::legend_places(whole.box(), key, unit);
  if (options.legend == LegendPlace::automatic && !places.empty()) {
    Canvas trial(FigureFormat::png, static_cast<Index>(canvas.width()), static_cast<Index>(canvas.height()));
    detail::Occupied occupied(3 * unit);
    detail::draw_curves(trial, whole, lines, styles, options.references, occupied);
    const auto [place, covered] = occupied.freest(places);
    if (covered == 0) {
      detail::Occupied again(3 * unit);
      detail::draw_curves(canvas, whole, lines, styles, options.references, again);
      canvas.fill(place.left + unit, place.top + unit, place.wide() - 2 * unit, place.high() - 2 * unit, white);
      key.draw(canvas, place.left + 10 * unit, place.top + 10 * unit);
      return;
    }
  }
  const Axes axes(canvas, words, x, y, key.width() + 20 * unit, "curves");
  detail::Occupied occupied(3 * unit);
  detail::draw_curves(canvas, axes, lines, styles, options.references, occupied);
  key.draw(canvas, axes.box().right + 20 * unit, axes.box().top);
}

/// Writes curves() as .png, .svg or .pdf; atomic, see io::AtomicFile.
/// @throws as curves; ArgumentError for another extension, IoError if the file cannot be written
inline void write_curves(const std::filesystem::path& path, const std::vector<Curve>& lines,
                         const CurvesOptions& options = {}) {
  write_figure(path, options.width, options.height, [&](Canvas& canvas) { curves(canvas, lines, options); });
}

}  // namespace engram::plot
